"""A checkpoint's generator as an ONNX graph, built from its parameters without PyTorch."""

from collections.abc import Mapping, Sequence
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
    still,
)
from glico.morph.splines import FARTHEST, KNOTS, centres, spline_basis

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
    sizes = input_size(config), channels, resolution, config.generator_width
    drawn = graph.add_layers(GENERATORS[config.generator](*sizes), "body", x)
    if config.generator == "moving":
        moved = graph.moved(drawn, graph.field("codes"), resolution)
        graph.summed(moved, graph.add_layers(still(*sizes), "still", x))
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

    def add_layers(self, layers: Sequence[Layer], name: str, x: str) -> str:
        """Append the ``layers`` of the part called ``name``; return the name of the last one's value."""
        for index, layer in enumerate(layers):
            x = self._add_layer(layer, f"{name}.{index}", x)
        return x

    def field(self, codes: str) -> str:
        """Append :class:`~glico.models.code_field.CodeField`: (B, d) -> (B, 2, KNOTS, KNOTS)."""
        known = self._constant("field.codes", self.parameters["field.codes"])
        between = self._constant("field.between", np.array([1], np.int64))
        across = self._constant("field.across", np.array([2], np.int64))
        there = self._node("Unsqueeze", [codes, between], "field.there")  # (B, 1, d)
        difference = self._node("Sub", [there, known], "field.difference")  # (B, n, d)
        square = self._node("Mul", [difference, difference], "field.square")
        distance = self._node("Sqrt", [self._node("ReduceSum", [square, across], "field.sum", keepdims=0)], "field.far")
        weights = self._constant("field.weights", -self.parameters["field.weights"][:-1])
        constant = self._constant("field.constant", self.parameters["field.weights"][-1])
        flat = self._node("Add", [self._node("MatMul", [distance, weights], "field.weighted"), constant], "field.flat")
        shape = self._constant("field.shape", np.array([-1, 2, KNOTS, KNOTS], np.int64))
        return self._node("Reshape", [flat, shape], "field")

    def moved(self, drawn: str, knots: str, side: int) -> str:
        """Append :func:`~glico.models.code_field.move`."""
        basis = spline_basis(side, KNOTS)
        rows, columns = self._constant("move.rows", basis), self._constant("move.columns", basis.T)
        x, y = np.meshgrid(centres(side), centres(side))
        here = self._constant("move.here", np.stack([x, y]))
        displaced = self._node("MatMul", [self._node("MatMul", [rows, knots], "move.down"), columns], "move.displaced")
        seen = self._node(
            "Transpose", [self._node("Add", [displaced, here], "move.at")], "move.seen", perm=[0, 2, 3, 1]
        )
        least = self._constant("move.least", np.array(-FARTHEST, np.float32))
        most = self._constant("move.most", np.array(FARTHEST, np.float32))
        inside = self._node("Clip", [seen, least, most], "move.inside")
        return self._node("GridSample", [drawn, inside], "moved", mode="bicubic", padding_mode="border")

    def summed(self, moved: str, unmoved: str) -> str:
        """Append the sigmoid of the sum of both parts of an image."""
        return self._node("Sigmoid", [self._node("Add", [moved, unmoved], "both")], "summed")

    def _add_layer(self, layer: Layer, name: str, x: str) -> str:
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
