"""A checkpoint's weak classifier as an ONNX graph, built from its parameters without PyTorch."""

from glico.checkpoints.graph import Graph, Parameters, floats
from glico.config import TrainConfig
from glico.models.classifier_layers import weak_classifier_layers


def classifier_graph(
    config: TrainConfig, image_shape: tuple[int, int, int], parameters: Parameters, classes: int
) -> bytes | None:
    """Return the weak classifier as an ONNX file: "images" (B, C, H, W) in [0, 1], or "codes" (B, d) if it takes these,
    -> "probabilities" (B, K). None if it is a network that PyTorch alone builds.

    ``image_shape`` is (H, W, C); ``parameters`` are the classifier's, by the names of PyTorch's ``state_dict``, and
    must fit ``config``.
    """
    resolution, _, channels = image_shape
    layers = weak_classifier_layers(config, channels, resolution, classes)
    if layers is None:
        return None
    taken = (
        floats("codes", "batch", config.dimension)
        if config.classifier_input == "code"
        else floats("images", "batch", channels, resolution, resolution)
    )
    graph = Graph(parameters)
    graph.add_node("Softmax", [graph.add_layers(layers, taken.name)], "probabilities", axis=1)
    return graph.file("classifier", [taken], floats("probabilities", "batch", classes), {})
