"""Files with the weights of published networks: read without running code, downloaded only if allowed."""

import warnings
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from glico.data.text import reason, shown_path
from glico.errors import GlicoError
from glico.files import open_regular
from glico.models.published import Published, published_file
from glico.places import cache_directory

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's images, (R, G, B) in [0, 1]


def find_weights(path: str | None, published: Published, download: bool, missing: str) -> Path:
    """Return the file at ``path``, else the ``published`` one from our cache or torch's own, or fetched into ours.

    Raises GlicoError: with the message ``missing`` if a ``download`` is needed but not allowed.
    """
    if path is not None:
        if not Path(path).is_file():
            raise GlicoError(f"There is no file with {published.name} weights at {path}.")
        return Path(path)
    if (file := published_file(published)) is not None:
        return file
    cached = cache_directory() / published.file
    if not download:
        raise GlicoError(missing)
    try:
        torch.hub.load_state_dict_from_url(published.url, str(cached.parent), check_hash=True, weights_only=True)
    except (OSError, RuntimeError) as error:
        raise GlicoError(
            f"{published.name}'s weights could not be downloaded from {published.url}: {error}."
        ) from error
    return cached


def read_weights(file: Path) -> dict[str, Tensor]:
    """Return the tensors of a .safetensors or .pth file by name. Raises GlicoError if it cannot be read."""
    shown = shown_path(file)
    try:
        with open_regular(file, "weights_mib") as opened, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the pickle protocol of a damaged file
            state = load_file(file) if file.suffix == ".safetensors" else torch.load(opened, weights_only=True)
    except OSError as error:
        raise GlicoError(f"Cannot read the weights in {shown}: {error.strerror or reason(error)}.") from error
    except Exception as error:  # an unpickler that meets a damaged file may raise anything, and PyTorch's advice is bad
        raise GlicoError(
            f"Cannot read the weights in {shown}: it is damaged, or no .safetensors file and no .pth file that "
            "holds tensors alone. Save the network's state_dict."
        ) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()
    ):
        raise GlicoError(f"{shown} does not hold weights by name. Save the network's state_dict.")
    return state
