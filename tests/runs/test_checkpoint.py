"""The checkpoint file: whole, safe, and clear about what it cannot read."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tiny_checkpoints import give_fields

from glico import Checkpoint, GlicoError
from glico.checkpoints import latent_space
from glico.checkpoints.latent_space import LatentSpace
from glico.checkpoints.schema import check_unit
from glico.models.classifiers import build_weak_classifier
from glico.models.generators import build_generator
from glico.places import SHIPPED

PATH = SHIPPED / "digits-glico.safetensors"


def rewritten(path: Path, **header: str) -> Path:
    with safe_open(PATH, framework="pt") as file:
        metadata = file.metadata()
    save_file(load_file(PATH), path, metadata=metadata | header)
    return path


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    first = Checkpoint.load(PATH)
    first.save(tmp_path / "deep" / "again.safetensors")
    second = Checkpoint.load(tmp_path / "deep" / "again.safetensors")
    for name in ("codes", "labels", "indices", "images", "snapshots", "snapshot_steps"):
        assert torch.equal(getattr(first, name), getattr(second, name))
    assert first.config == second.config
    assert (first.class_names, first.image_shape, first.summary) == (
        second.class_names,
        second.image_shape,
        second.summary,
    )
    assert first.generator.keys() == second.generator.keys()
    torch.testing.assert_close(first.decoder()(first.codes), second.decoder()(second.codes), rtol=0, atol=0)


def test_reconstructions_are_the_images(tmp_path: Path) -> None:
    checkpoint = Checkpoint.load(PATH)
    images = checkpoint.images.permute(0, 3, 1, 2) / 255
    made = checkpoint.decoder()(checkpoint.codes)
    other = made.roll(len(made) // 2, 0)
    assert (made - images).pow(2).mean() < 0.01 < (other - images).pow(2).mean()
    assert (checkpoint.probabilities(made, checkpoint.codes).argmax(dim=1) == checkpoint.labels).float().mean() > 0.95


def test_strong_classifier_predicts_as_in_its_training(tmp_path: Path) -> None:
    """A strong classifier read from a checkpoint predicts as it did in the training loop."""
    checkpoint = Checkpoint.load(PATH)
    checkpoint.config = checkpoint.config.model_copy(update={"weak_classifier": "wideresnet-10-1"})
    images = checkpoint.images[:6].permute(0, 3, 1, 2) / 255
    with torch.random.fork_rng():
        classifier = build_weak_classifier(checkpoint.config, 1, 16, 10, images).eval()
    checkpoint.classifier = classifier.state_dict()
    checkpoint.save(tmp_path / "strong.safetensors")
    result = Checkpoint.load(tmp_path / "strong.safetensors").probabilities(images, checkpoint.codes[:6])
    torch.testing.assert_close(result, classifier(images).softmax(dim=1))
    assert classifier.standardise.mean.item() == pytest.approx(images.mean().item())


def test_moving_generator_is_kept_with_its_fields(tmp_path: Path) -> None:
    """A file draws what was drawn before; one whose fields are not those of its codes is refused."""
    checkpoint = Checkpoint.load(PATH)
    checkpoint.config = checkpoint.config.model_copy(update={"generator": "moving", "generator_width": 4})
    with torch.random.fork_rng():
        generator = build_generator(checkpoint.config, 1, 16)
        give_fields(generator)
    checkpoint.generator = generator.state_dict()
    assert checkpoint.generator["field.weights"].abs().max() > 0
    checkpoint.save(tmp_path / "moving.safetensors")
    again = Checkpoint.load(tmp_path / "moving.safetensors")
    torch.testing.assert_close(again.decoder()(again.codes), checkpoint.decoder()(again.codes), rtol=0, atol=0)
    for name in ("field.weights", "field.codes"):
        whole = checkpoint.generator[name]
        for wrong in (whole[:-1].clone(), whole[:, :-1].clone(), whole[0, 0].clone()):
            checkpoint.generator = generator.state_dict() | {name: wrong}
            checkpoint.save(tmp_path / "wrong.safetensors")
            with pytest.raises(GlicoError, match="not the network that its configuration describes"):
                Checkpoint.load(tmp_path / "wrong.safetensors")


def test_a_glo_checkpoint_has_no_probabilities() -> None:
    checkpoint = Checkpoint.load(SHIPPED / "digits-glo.safetensors")
    assert checkpoint.probabilities(checkpoint.decoder()(checkpoint.codes[:2]), checkpoint.codes[:2]) is None


def test_decoding_does_not_depend_on_the_batch() -> None:
    checkpoint = Checkpoint.load(PATH)
    decoder = checkpoint.decoder()
    torch.testing.assert_close(decoder(checkpoint.codes)[7:8], decoder(checkpoint.codes[7:8]), atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["digits-glico", "cifar10-glo"])
def test_a_latent_space_is_the_checkpoint_without_its_networks(name: str) -> None:
    path = SHIPPED / f"{name}.safetensors"
    space, whole = LatentSpace.load(path), Checkpoint.load(path)
    own = whole.latent_space
    assert (space.config, space.class_names, space.image_shape) == (own.config, own.class_names, own.image_shape)
    assert (space.summary, space.networks) == (own.summary, own.networks)
    assert space.arrays().keys() == own.arrays().keys()
    for key, array in space.arrays().items():
        np.testing.assert_array_equal(array, own.arrays()[key], strict=True)
    assert space.codes_at(0).dtype == np.float32
    shared = Checkpoint.load(path, space=space)
    assert shared.codes.data_ptr() == space.codes.ctypes.data, "held in memory once"
    torch.testing.assert_close(shared.decoder()(shared.codes), whole.decoder()(whole.codes), rtol=0, atol=0)


def test_header_is_read_once_for_both_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint whose latent space has been read opens its file for the networks alone, and equals a whole one."""
    space = LatentSpace.load(PATH)
    with monkeypatch.context() as patch:
        patch.setattr(latent_space, "open_header", None)
        shared = Checkpoint.load(PATH, space=space)
    whole = Checkpoint.load(PATH)
    assert (shared.config, shared.class_names, shared.summary) == (whole.config, whole.class_names, whole.summary)
    assert shared.generator.keys() == whole.generator.keys()
    for name, tensor in whole.generator.items():
        assert torch.equal(shared.generator[name], tensor)
    assert torch.equal(shared.codes, whole.codes)


def test_images_can_be_left_out(tmp_path: Path) -> None:
    checkpoint = Checkpoint.load(PATH)
    checkpoint.images = None
    checkpoint.save(tmp_path / "c.safetensors")
    assert Checkpoint.load(tmp_path / "c.safetensors").images is None


def test_unreadable_checkpoints_each_get_a_sentence(tmp_path: Path) -> None:
    """A newer format, a file of another program and a damaged one each get one sentence."""
    with pytest.raises(GlicoError, match="format version 99, newer than"):
        Checkpoint.load(rewritten(tmp_path / "new.safetensors", format_version="99"))
    with pytest.raises(GlicoError, match="not a checkpoint of this project"):
        Checkpoint.load(rewritten(tmp_path / "other.safetensors", format="something"))
    with pytest.raises(GlicoError, match="not a checkpoint that can be read"):
        Checkpoint.load(rewritten(tmp_path / "config.safetensors", config=json.dumps({"surprise": 1})))
    (tmp_path / "half.safetensors").write_bytes(PATH.read_bytes()[:5000])
    with pytest.raises(GlicoError, match="not a checkpoint that can be read"):
        Checkpoint.load(tmp_path / "half.safetensors")
    with pytest.raises(GlicoError, match="no checkpoint at"):
        Checkpoint.load(tmp_path / "missing.safetensors")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("images", torch.zeros(100, 8, 8, 1, dtype=torch.uint8)),
        ("labels", torch.full((100,), 10)),
        ("codes", torch.zeros(100, 7)),
        ("indices", torch.arange(99)),
    ],
)
def test_parts_that_do_not_fit_each_other_are_a_sentence(tmp_path: Path, name: str, wrong: torch.Tensor) -> None:
    checkpoint = Checkpoint.load(PATH)
    setattr(checkpoint, name, wrong)
    checkpoint.save(tmp_path / "odd.safetensors")
    with pytest.raises(GlicoError, match=f"not a checkpoint that can be read: its {name} are"):
        Checkpoint.load(tmp_path / "odd.safetensors")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [0.0, 2.0, 3e38, np.inf, np.nan])
def test_codes_off_the_sphere_are_refused_silently(value: float) -> None:
    """Codes whose squares overflow are refused like others, without a warning on standard error."""
    codes = np.eye(3, dtype=np.float32)
    check_unit(codes)
    codes[1, 1] = value
    with pytest.raises(ValueError, match="not on the unit sphere"):
        check_unit(codes)


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    checkpoint = Checkpoint.load(PATH)
    target = tmp_path / "kept.safetensors"
    checkpoint.save(target)
    before = target.read_bytes()
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(GlicoError, match="cannot be written: a file is in the way of a folder"):
        checkpoint.save(tmp_path / "file" / "c.safetensors")
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "kept.safetensors"]
