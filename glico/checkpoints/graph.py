"""A network as an ONNX graph, built from its layers and parameters without PyTorch."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, checker, helper, numpy_helper

from glico.formats import json_text
from glico.models.layers import (
    BatchNorm,
    Convolution,
    Flatten,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool,
    ReLU,
    Shrink,
    Sigmoid,
    Unflatten,
    Upsample,
)

OPSET = 17  # read by every ONNX runtime since 2022
IR_VERSION = 8  # the file format that belongs to it
EPSILON = 1e-5  # PyTorch's default in batch normalisation

Parameters = Mapping[str, NDArray[np.float32]]


def floats(name: str, *shape: int | str) -> ValueInfoProto:
    """Return the description of an input or output of float32 numbers; a text names a size that may differ."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


class Graph:
    """The nodes so far; each name of a value is that of the layer that computes it.

    ``parameters`` are the network's, by the names of PyTorch's ``state_dict``.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []

    def add_layers(self, layers: Iterable[Layer], x: str, start: str = "") -> str:
        """Append ``layers`` to the value ``x``; ``start`` begins their names. Return the name of the last value."""
        for index, layer in enumerate(layers):
            x = self._add_layer(layer, f"{start}{index}", x)
        return x

    def add_node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Append one ``operator``; return the name of its ``output``."""
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """Add a constant; return its ``name``."""
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def file(
        self, name: str, inputs: list[ValueInfoProto], output: ValueInfoProto, metadata: Mapping[str, Any]
    ) -> bytes:
        """Return the graph as a file. Its last node computes the ``output``; ``metadata`` is stored as JSON."""
        self.nodes[-1].output[0] = output.name
        body = helper.make_graph(self.nodes, name, inputs, [output], self.initializers)
        model: ModelProto = helper.make_model(
            body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="glico"
        )
        helper.set_model_props(model, {key: json_text(value) for key, value in metadata.items()})
        checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content

    def _add_layer(self, layer: Layer, name: str, x: str) -> str:
        match layer:
            case Linear(bias=bias):
                weight = self.constant(f"{name}.weight", self.parameters[f"{name}.weight"].T)
                if not bias:
                    return self.add_node("MatMul", [x, weight], name)
                return self.add_node("Gemm", [x, weight, *self._parameters(name, "bias")], name)
            case Unflatten(channels, side):
                shape = self.constant(f"{name}.shape", np.array([-1, channels, side, side], np.int64))
                return self.add_node("Reshape", [x, shape], name)
            case Flatten():
                return self.add_node("Flatten", [x], name)
            case BatchNorm():
                values = self._parameters(name, "weight", "bias", "running_mean", "running_var")
                return self.add_node("BatchNormalization", [x, *values], name, epsilon=EPSILON)
            case ReLU():
                return self.add_node("Relu", [x], name)
            case LeakyReLU(slope):
                return self.add_node("LeakyRelu", [x], name, alpha=slope)
            case Sigmoid():
                return self.add_node("Sigmoid", [x], name)
            case Convolution():
                values = self._parameters(name, "weight", "bias")
                return self.add_node("Conv", [x, *values], name, pads=[1, 1, 1, 1])
            case Upsample(bias=bias):
                values = self._parameters(name, *(("weight", "bias") if bias else ("weight",)))
                return self.add_node("ConvTranspose", [x, *values], name, strides=[2, 2], pads=[1, 1, 1, 1])
            case MaxPool():
                return self.add_node("MaxPool", [x], name, kernel_shape=[2, 2], strides=[2, 2])
            case Shrink(factor):
                return self.add_node("AveragePool", [x], name, kernel_shape=[factor] * 2, strides=[factor] * 2)

    def _parameters(self, layer: str, *parts: str) -> list[str]:
        return [self.constant(f"{layer}.{part}", self.parameters[f"{layer}.{part}"]) for part in parts]
