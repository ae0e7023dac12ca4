"""A checkpoint's generator as an ONNX graph, built from its parameters without PyTorch."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glico.checkpoints.graph import Graph, Parameters, floats
from glico.config import TrainConfig
from glico.models.generator_layers import GENERATORS, PROJECTION_SLOPE, input_size, noise_size, still
from glico.morph.splines import FARTHEST, KNOTS, centres, spline_basis


def generator_graph(
    config: TrainConfig, image_shape: tuple[int, int, int], parameters: Parameters, metadata: Mapping[str, Any]
) -> bytes:
    """Return the generator as an ONNX file: "codes" (B, d), and maybe "noise" (B, m) -> "images" (B, C, H, W).

    Images are float32 in [0, 1]. ``image_shape`` is (H, W, C); ``parameters`` are the generator's, by the names of
    PyTorch's ``state_dict``, and must fit ``config``; ``metadata`` is stored as JSON, an entry each. Noise of zeros
    generates the image of the code alone.
    """
    resolution, _, channels = image_shape
    graph = Graph(parameters)
    size = noise_size(config)
    inputs = [floats("codes", "batch", config.dimension)]
    x = "codes"
    if size is not None:
        inputs.append(floats("noise", "batch", size))
        x = _joined(graph, config.noise)
    sizes = input_size(config), channels, resolution, config.generator_width
    drawn = graph.add_layers(GENERATORS[config.generator](*sizes), x, "body.")
    if config.generator == "moving":
        moved = _moved(graph, drawn, _field(graph, "codes"), resolution)
        unmoved = graph.add_layers(still(*sizes), x, "still.")
        graph.add_node("Sigmoid", [graph.add_node("Add", [moved, unmoved], "both")], "summed")
    return graph.file("generator", inputs, floats("images", "batch", channels, resolution, resolution), metadata)


def _field(graph: Graph, codes: str) -> str:
    """Append :class:`~glico.models.code_field.CodeField`: (B, d) -> (B, 2, KNOTS, KNOTS)."""
    known = graph.constant("field.codes", graph.parameters["field.codes"])
    between = graph.constant("field.between", np.array([1], np.int64))
    across = graph.constant("field.across", np.array([2], np.int64))
    there = graph.add_node("Unsqueeze", [codes, between], "field.there")  # (B, 1, d)
    difference = graph.add_node("Sub", [there, known], "field.difference")  # (B, n, d)
    square = graph.add_node("Mul", [difference, difference], "field.square")
    squares = graph.add_node("ReduceSum", [square, across], "field.sum", keepdims=0)
    distance = graph.add_node("Sqrt", [squares], "field.far")
    weights = graph.constant("field.weights", -graph.parameters["field.weights"][:-1])
    constant = graph.constant("field.constant", graph.parameters["field.weights"][-1])
    weighted = graph.add_node("MatMul", [distance, weights], "field.weighted")
    flat = graph.add_node("Add", [weighted, constant], "field.flat")
    shape = graph.constant("field.shape", np.array([-1, 2, KNOTS, KNOTS], np.int64))
    return graph.add_node("Reshape", [flat, shape], "field")


def _moved(graph: Graph, drawn: str, knots: str, side: int) -> str:
    """Append :func:`~glico.models.code_field.move`."""
    basis = spline_basis(side, KNOTS)
    rows, columns = graph.constant("move.rows", basis), graph.constant("move.columns", basis.T)
    x, y = np.meshgrid(centres(side), centres(side))
    here = graph.constant("move.here", np.stack([x, y]))
    down = graph.add_node("MatMul", [rows, knots], "move.down")
    displaced = graph.add_node("MatMul", [down, columns], "move.displaced")
    at = graph.add_node("Add", [displaced, here], "move.at")
    seen = graph.add_node("Transpose", [at], "move.seen", perm=[0, 2, 3, 1])
    least = graph.constant("move.least", np.array(-FARTHEST, np.float32))
    most = graph.constant("move.most", np.array(FARTHEST, np.float32))
    inside = graph.add_node("Clip", [seen, least, most], "move.inside")
    return graph.add_node("GridSample", [drawn, inside], "moved", mode="bicubic", padding_mode="border")


def _joined(graph: Graph, noise: str) -> str:
    """Return the value that the first layer takes: codes and noise, joined as ``noise`` says."""
    if noise == "add":
        return graph.add_node("Add", ["codes", "noise"], "joined")
    projected = "noise"
    if noise == "project":
        weight = graph.constant("projection.0.weight", graph.parameters["projection.0.weight"].T)
        linear = graph.add_node("MatMul", ["noise", weight], "projection.0")
        projected = graph.add_node("LeakyRelu", [linear], "projection.1", alpha=PROJECTION_SLOPE)
    return graph.add_node("Concat", ["codes", projected], "joined", axis=1)
