"""Whether a network computed numbers."""

from typing import TypeVar

from array_api_compat import array_namespace

from glico.errors import GlicoError

Array = TypeVar("Array")  # NumPy's or PyTorch's


def check_finite(output: Array, network: str) -> Array:
    """Return a network's ``output``. Raises GlicoError if it holds NaN or infinity, since the weights are then too
    large."""
    xp = array_namespace(output)
    if not xp.all(xp.isfinite(output)):
        raise GlicoError(
            f"The checkpoint's {network} computes values that are not numbers (NaN), because its weights are damaged. "
            "Train it again."
        )
    return output
