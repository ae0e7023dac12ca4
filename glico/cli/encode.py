"""encode CHECKPOINT IMAGE...: find the codes that reproduce new images best, and their nearest neighbours."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glico.cli.outcome import BadArguments, Outcome
from glico.errors import GlicoError
from glico.files import write_atomically
from glico.words import percent

if TYPE_CHECKING:
    import numpy as np

    from glico.checkpoints.checkpoint import Checkpoint
    from glico.latent.encoded import Encoding
    from glico.types import Images, Labels

TEST_IMAGES = 200


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the checkpoint, the images and the output file."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a checkpoint (.safetensors)")
    parser.add_argument(
        "images",
        metavar="IMAGE",
        type=Path,
        nargs="*",
        help="image files and folders of images; a folder named like a class labels its images",
    )
    parser.add_argument(
        "--test",
        type=int,
        nargs="?",
        const=TEST_IMAGES,
        metavar="N",
        help="instead of files, encode N unseen images from the data set (its test split, if any) "
        f"[default {TEST_IMAGES}]",
    )
    parser.add_argument("--dataset", metavar="DATASET", help="with --test: path of the data set, if it has moved")
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="CHECKPOINT",
        help="another checkpoint of the same sample, to compare GLO with GLICO",
    )
    parser.add_argument("--steps", type=int, metavar="N", help="optimisation steps [1 to 10000; default 90]")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the random starts [default 0]")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write codes and figures here (.npz)")


def run(arguments: argparse.Namespace) -> Outcome:
    """Encode by one checkpoint or two."""
    output: Path | None = arguments.output
    if output is not None and output.suffix != ".npz":
        raise BadArguments(f"--output is {output}, but it takes the name of an .npz file.")
    if bool(arguments.images) == (arguments.test is not None):
        raise BadArguments("Give images to encode, or --test for those of the data set.")
    if arguments.steps is not None and not 1 <= arguments.steps <= 10_000:
        raise BadArguments(f"--steps is {arguments.steps}, but it takes a whole number from 1 to 10000.")
    if arguments.test is not None and arguments.test < 1:
        raise BadArguments(f"--test is {arguments.test}, but it takes a whole number from 1.")
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.latent.encode import encode, generalisation, unseen_images
    from glico.latent.encoded import STEPS

    paths = [path for path in (arguments.checkpoint, arguments.beside) if path is not None]
    checkpoints = [Checkpoint.load(path) for path in paths]
    first = checkpoints[0]
    if any((other.image_shape, other.class_names) != (first.image_shape, first.class_names) for other in checkpoints):
        raise GlicoError("The two checkpoints have other images or classes: train them on the same small sample.")
    if arguments.test is not None:
        unseen = unseen_images(first, arguments.test, arguments.dataset)
        names, images, labels = list(unseen.names), unseen.images, unseen.labels
    else:
        names, images, labels = _read(first, arguments.images)
    lines: list[str] = []
    data: dict[str, Any] = {"images": names, "checkpoints": []}
    for path, checkpoint in zip(paths, checkpoints, strict=True):
        encoding = encode(checkpoint, images, arguments.steps or STEPS, arguments.seed)
        described = [_described(checkpoint, encoding, row) for row in range(len(names))]
        entry: dict[str, Any] = {"checkpoint": str(path), "objective": checkpoint.config.objective}
        lines.append(f"{checkpoint.config.objective.upper()}, {path}")
        lines += [_line(name, one) for name, one in zip(names, described, strict=True)] if arguments.images else []
        known = labels >= 0
        if known.any():
            rows = known.nonzero()[0]
            scores = generalisation(checkpoint, images[rows], labels[rows], _rows(encoding, rows))
            entry["held_out"] = {name: _number(value) for name, value in vars(scores).items()} | {"images": len(rows)}
            lines.append(
                f"  {percent(scores.code_accuracy, 1)} of {len(rows)} unseen images have their class's codes around "
                f"them (by pixels {percent(scores.pixel_accuracy, 1)}); median error {scores.median_error:.4f}, of the "
                f"training images {scores.median_training_error:.4f}"
            )
        data["checkpoints"].append(entry | {"encoded": described})
        if output is not None:
            own = output if len(paths) == 1 else output.with_stem(f"{output.stem}-{checkpoint.config.objective}")
            _write(own, names, labels, encoding)
            entry["output"] = str(own)
            lines.append(f"  {own}")
    return Outcome("\n".join(lines), data)


def _read(checkpoint: "Checkpoint", paths: Sequence[Path]) -> tuple[list[str], "Images", "Labels"]:
    """Return the names, images and labels of files; a folder named like a class labels its images, others are -1."""
    import numpy as np

    from glico.data.images import read_images
    from glico.data.photographs import image_files
    from glico.data.preparation import Preparation

    files = image_files(paths)
    images = read_images(files, Preparation.from_config(checkpoint.config, checkpoint.image_shape))
    names = [file.name for file in files]
    classes = {name: label for label, name in enumerate(checkpoint.class_names)}
    labels = np.array([classes.get(Path(name).parent.name, -1) for name in names], dtype=np.int64)
    return names, images.images, labels


def _described(checkpoint: "Checkpoint", encoding: "Encoding", row: int) -> dict[str, Any]:
    """Return one image's figures as JSON values."""
    near = encoding.neighbours[row].tolist()
    labels = checkpoint.labels.tolist()
    probabilities = None
    if encoding.probabilities is not None:
        probabilities = dict(zip(checkpoint.class_names, encoding.probabilities[row].tolist(), strict=True))
    return {
        "error": encoding.errors[row].item(),
        "unexplained": encoding.residuals[row].item(),  # the names in the output are older than the fields'
        "share_of_training_images_with_less": _number(encoding.percentiles[row].item()),
        "outside": bool(encoding.out_of_range[row]),
        "nearest": [
            {
                "image": image,
                "class": checkpoint.class_names[labels[image]] if labels[image] >= 0 else None,
                "degrees": angle,
            }
            for image, angle in zip(near, encoding.angles[row].tolist(), strict=True)
        ],
        "probabilities": probabilities,
    }


def _line(name: str, one: dict[str, Any]) -> str:
    share = one["share_of_training_images_with_less"]
    rank = "" if share is None else f", larger than for {percent(share)} of the training images"
    unlike = "; the generator cannot reproduce this" if one["outside"] else ""
    near = ", ".join(f"{n['image']} ({n['class'] or 'unlabelled'}, {n['degrees']:.0f}°)" for n in one["nearest"][:3])
    likely = ""
    if one["probabilities"]:
        best = max(one["probabilities"], key=one["probabilities"].__getitem__)
        likely = f"; {best} {percent(one['probabilities'][best])}"
    return f"  {name}: error {one['error']:.4f}{rank}{unlike}{likely}; nearest {near}"


def _rows(encoding: "Encoding", rows: "np.ndarray[Any, Any]") -> "Encoding":
    return replace(encoding, codes=encoding.codes[rows], errors=encoding.errors[rows])


def _number(value: float) -> float | None:
    return value if not isinstance(value, float) or math.isfinite(value) else None


def _write(path: Path, names: list[str], labels: "Labels", encoding: "Encoding") -> None:
    import numpy as np

    arrays: dict[str, Any] = {
        "names": np.array(names),
        "labels": labels,
        "codes": encoding.codes,
        "errors": encoding.errors,
        "unexplained": encoding.residuals,
        "percentiles": encoding.percentiles,
        "outside": encoding.out_of_range,
        "neighbours": encoding.neighbours,
        "angles": encoding.angles,
    }
    if encoding.probabilities is not None:
        arrays["probabilities"] = encoding.probabilities
    write_atomically(path, lambda file: np.savez_compressed(file, **arrays), parents=True)
