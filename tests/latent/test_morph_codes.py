"""The codes of a morph's frames."""

from pathlib import Path

import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.latent.encode import Encoder
from glico.latent.morph_codes import ENCODED, morph_codes
from glico.latent.paths import slerp


def test_codes_of_a_morph_are_those_of_its_frames(tiny_runs: Path) -> None:
    """The ends are the two images' own codes; every other encoded frame has the code that the encoder finds for it, and
    the frames between lie on the great circle between these."""
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    encoder, ends = Encoder(checkpoint), checkpoint.codes[[0, 1]]
    frames = checkpoint.decoder()(slerp(ends[0], ends[1], torch.linspace(0, 1, 2 * ENCODED - 1)))
    codes = morph_codes(encoder, ends, frames)
    assert torch.equal(codes[[0, -1]], ends)
    torch.testing.assert_close(codes.norm(dim=1), torch.ones(len(codes)), rtol=0, atol=1e-5)
    error = encoder.loss(checkpoint.decoder()(codes[2:-1:2]), encoder.loss.targets(frames[2:-1:2]))
    wrong = encoder.loss(checkpoint.decoder()(ends[:1].expand(len(error), -1)), encoder.loss.targets(frames[2:-1:2]))
    assert error.mean() < 0.5 * wrong.mean(), "the images of the codes are the frames"
    torch.testing.assert_close(codes[3], slerp(codes[2], codes[4], 0.5), rtol=0, atol=1e-5)


def test_short_morph_is_encoded_whole(tiny_runs: Path) -> None:
    """Two frames are the ends."""
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    ends = checkpoint.codes[[0, 1]]
    assert torch.equal(morph_codes(Encoder(checkpoint), ends, checkpoint.decoder()(ends)), ends)
