"""A checkpoint's generator as an ONNX graph, built from its parameters without PyTorch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from glico.config import TrainConfig
from glico.formats import json_text
from glico.models.generator_layers import (
    GENERATORS,
    PROJECTION_SLOPE,
    BatchNorm,
    Layer,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Unflatten,
    Upsample,
    input_size,
    noise_size,
)

OPSET = 17  # read by every ONNX runtime since 2022
IR_VERSION = 8  # the file format that belongs to it
EPSILON = 1e-5  # PyTorch's default in batch normalisation

Parameters = Mapping[str, NDArray[np.float32]]


def generator_graph(
    config: TrainConfig, image_shape: tuple[int, int, int], parameters: Parameters, metadata: Mapping[str, Any]
) -> bytes:
    """Return the generator as an ONNX file: "codes" (B, d), and maybe "noise" (B, m) -> "images" (B, C, H, W).

    Images are float32 in [0, 1]. ``image_shape`` is (H, W, C); ``parameters`` are the generator's, by the names of
    PyTorch's ``state_dict``, and must fit ``config``; ``metadata`` is stored as JSON, an entry each. Noise of zeros
    draws the image of the code alone.
    """
    resolution, _, channels = image_shape
    graph = _Graph(parameters)
    size = noise_size(config)
    inputs = [helper.make_tensor_value_info("codes", TensorProto.FLOAT, ["batch", config.dimension])]
    x = "codes"
    if size is not None:
        inputs.append(helper.make_tensor_value_info("noise", TensorProto.FLOAT, ["batch", size]))
        x = graph.join(config.noise)
    for index, layer in enumerate(
        GENERATORS[config.generator](input_size(config), channels, resolution, config.generator_width)
    ):
        x = graph.add_layer(layer, f"body.{index}", x)
    graph.nodes[-1].output[0] = "images"
    output = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", channels, resolution, resolution])
    body = helper.make_graph(graph.nodes, "generator", inputs, [output], graph.initializers)
    model = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="glico"
    )
    return _finished(model, metadata)


class _Graph:
    """The nodes so far; each name of a value is that of the layer that computes it."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []

    def join(self, noise: str) -> str:
        """Return the value that the first layer sees: codes and noise, joined as ``noise`` says."""
        if noise == "add":
            return self._node("Add", ["codes", "noise"], "joined")
        projected = "noise"
        if noise == "project":
            weight = self._constant("projection.0.weight", self.parameters["projection.0.weight"].T)
            linear = self._node("MatMul", ["noise", weight], "projection.0")
            projected = self._node("LeakyRelu", [linear], "projection.1", alpha=PROJECTION_SLOPE)
        return self._node("Concat", ["codes", projected], "joined", axis=1)

    def add_layer(self, layer: Layer, name: str, x: str) -> str:
        """Append the layer called ``name`` to the value ``x``; return the name of its own value."""
        match layer:
            case Linear():
                weight = self._constant(f"{name}.weight", self.parameters[f"{name}.weight"].T)
                return self._node("MatMul", [x, weight], name)
            case Unflatten(channels, side):
                shape = self._constant(f"{name}.shape", np.array([-1, channels, side, side], np.int64))
                return self._node("Reshape", [x, shape], name)
            case BatchNorm():
                values = self._parameters(name, "weight", "bias", "running_mean", "running_var")
                return self._node("BatchNormalization", [x, *values], name, epsilon=EPSILON)
            case ReLU():
                return self._node("Relu", [x], name)
            case LeakyReLU(slope):
                return self._node("LeakyRelu", [x], name, alpha=slope)
            case Upsample(bias=bias):
                values = self._parameters(name, *(("weight", "bias") if bias else ("weight",)))
                return self._node("ConvTranspose", [x, *values], name, strides=[2, 2], pads=[1, 1, 1, 1])
            case Sigmoid():
                return self._node("Sigmoid", [x], name)

    def _node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _parameters(self, layer: str, *parts: str) -> list[str]:
        return [self._constant(f"{layer}.{part}", self.parameters[f"{layer}.{part}"]) for part in parts]

    def _constant(self, name: str, array: NDArray[Any]) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _finished(model: ModelProto, metadata: Mapping[str, Any]) -> bytes:
    helper.set_model_props(model, {name: json_text(value) for name, value in metadata.items()})
    checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content
