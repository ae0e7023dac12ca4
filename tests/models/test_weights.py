"""Files of weights, whatever was done to them: tensors by name, or one sentence."""

import io
import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file

from glico.errors import GlicoError
from glico.models.vgg import load_vgg
from glico.models.weights import read_weights

STATE = {"a": torch.ones(3), "b.weight": torch.ones(2, 2)}


def pth(value: object, zipped: bool = True) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


GOOD = {"zip.pth": pth(STATE), "legacy.pth": pth(STATE, zipped=False), "st.safetensors": save(STATE)}


def problem(path: Path) -> str:
    """Return the reason why weights cannot be read; empty if they can."""
    try:
        read_weights(path)
    except GlicoError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.filterwarnings("error")
def test_damaged_weights_are_read_or_refused(tmp_path: Path, name: str) -> None:
    """A torn file, or one with changed bytes, is read or is one sentence that repeats none of PyTorch's advice."""
    path, draw = tmp_path / name, random.Random(0)
    path.write_bytes(GOOD[name])
    assert read_weights(path).keys() == STATE.keys()
    for _ in range(400):
        content = bytearray(GOOD[name])
        if draw.random() < 0.3:
            content = content[: draw.randrange(len(content))]
        for _ in range(min(len(content), draw.randrange(1, 6))):
            content[draw.randrange(len(content))] = draw.randrange(256)
        path.write_bytes(bytes(content))
        sentence = problem(path)
        assert sentence == "" or sentence.endswith(".")
        assert "\n" not in sentence
        assert "weights_only" not in sentence


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x80\x02", b"PK\x03\x04", b"}", b"\x80\x02}.", b"no weights" * 9])
def test_other_files_are_no_weights(tmp_path: Path, content: bytes) -> None:
    for name in GOOD:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(GlicoError, match="Cannot read the weights in"):
            read_weights(tmp_path / name)


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, {1: torch.ones(2)}, torch.ones(2), None])
def test_weights_have_names(tmp_path: Path, value: object) -> None:
    (tmp_path / "x.pth").write_bytes(pth(value))
    with pytest.raises(GlicoError, match="does not hold weights by name"):
        read_weights(tmp_path / "x.pth")


@pytest.mark.parametrize(
    "wrong", [{"features.0.bias": None}, {"features.2.weight": torch.ones(64)}, {"features.2.bias": torch.ones(3)}]
)
def test_vgg_with_other_layers_is_a_sentence(tmp_path: Path, wrong: dict[str, torch.Tensor | None]) -> None:
    """Weights of VGG's names and of other shapes are refused before a network is built of them."""
    state = {"features.0.weight": torch.ones(64, 3, 3, 3), "features.0.bias": torch.ones(64)}
    state |= {"features.2.weight": torch.ones(64, 64, 3, 3), "features.2.bias": torch.ones(64)}
    changed = {name: tensor for name, tensor in (state | wrong).items() if tensor is not None}
    save_file(state, tmp_path / "right.safetensors")
    save_file(changed, tmp_path / "wrong.safetensors")
    assert load_vgg(str(tmp_path / "right.safetensors")).keys() == state.keys()
    with pytest.raises(GlicoError, match="does not hold VGG's weights"):
        load_vgg(str(tmp_path / "wrong.safetensors"))
