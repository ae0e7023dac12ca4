"""The parameters that a checkpoint's networks must have, from its configuration; without PyTorch."""

from collections.abc import Iterable, Mapping

from glico.checkpoints.schema import Entry
from glico.checkpoints.tensor_file import Description
from glico.config import TrainConfig
from glico.models.classifier_layers import weak_classifier_layers
from glico.models.generator_layers import GENERATORS, input_size, still
from glico.models.layers import COUNTER, Layer, parameter_shapes
from glico.morph.splines import KNOTS


def check_known_networks(entries: Mapping[str, Entry], about: Description) -> bool:
    """Raise ValueError if the networks' tensors are not those that the header promises.

    Return False if there is a weak classifier that PyTorch alone builds, whose tensors are then unchecked.
    """
    config, names, image_shape, _ = about
    field = entries.get("generator.field.codes")
    known = field.shape[0] if field is not None and field.shape else 0
    check_parameters(entries, "generator", generator_parameters(config, image_shape, known))
    if not any(name.startswith("classifier.") for name in entries):
        return True
    needed = classifier_parameters(config, image_shape, len(names))
    if needed is not None:
        check_parameters(entries, "classifier", needed)
    return needed is not None


def generator_parameters(config: TrainConfig, image_shape: tuple[int, int, int], codes: int = 0) -> dict[str, Entry]:
    """Return the entries of the generator of ``config`` for images of this shape (H, W, C), by name.

    A moving generator has room for the fields of this number of ``codes``.
    """
    resolution, _, channels = image_shape
    sizes = input_size(config), channels, resolution, config.generator_width
    entries = {f"body.{name}": entry for name, entry in _entries(GENERATORS[config.generator](*sizes)).items()}
    if config.generator == "moving":
        entries |= {f"still.{name}": entry for name, entry in _entries(still(*sizes)).items()}
        entries["field.codes"] = Entry("float32", (codes, config.dimension))
        entries["field.weights"] = Entry("float32", (codes + 1, 2 * KNOTS**2))
    if config.noise == "project":
        entries["projection.0.weight"] = Entry("float32", (config.noise_dimension, config.noise_dimension))
    return entries


def classifier_parameters(
    config: TrainConfig, image_shape: tuple[int, int, int], classes: int
) -> dict[str, Entry] | None:
    """Return the same of the weak classifier; None if it is a network that PyTorch alone builds."""
    resolution, _, channels = image_shape
    layers = weak_classifier_layers(config, channels, resolution, classes)
    return None if layers is None else _entries(layers)


def check_parameters(entries: Mapping[str, Entry], what: str, needed: Mapping[str, Entry]) -> None:
    """Raise ValueError if the tensors below ``what.`` are not all of the ``needed`` ones, and nothing else."""
    start = f"{what}."
    own = {name.removeprefix(start): entry for name, entry in entries.items() if name.startswith(start)}
    if own != needed:
        raise ValueError(f"its {what} is not the network that its configuration describes")


def _entries(layers: Iterable[Layer]) -> dict[str, Entry]:
    return {
        name: Entry("int64" if name.endswith(COUNTER) else "float32", shape)
        for name, shape in parameter_shapes(layers).items()
    }
