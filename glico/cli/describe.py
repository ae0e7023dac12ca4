"""describe CHECKPOINT: its contents, and how its classes cluster in the original space."""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from glico.cli.outcome import Outcome

if TYPE_CHECKING:
    from glico.checkpoints.latent_space import LatentSpace
    from glico.latent.halfway import Halfway
    from glico.latent.structure import BootstrapEstimate


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the checkpoint."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a checkpoint (.safetensors)")


def run(arguments: argparse.Namespace) -> Outcome:
    """Load it and measure it."""
    from glico.checkpoints.opened import OpenCheckpoint
    from glico.latent.collapse import collapsed_names, stored_variations
    from glico.latent.halfway import halfway
    from glico.latent.structure import per_image, structure

    opened = OpenCheckpoint.load(arguments.checkpoint)
    checkpoint = opened.space
    measures = structure(per_image(checkpoint.codes, checkpoint.labels))
    between = halfway(opened.decode, checkpoint.codes, checkpoint.labels)
    variations = stored_variations(opened)
    collapsed = collapsed_names(variations, checkpoint.class_names) if variations is not None else None
    counts = Counter(checkpoint.labels.tolist())
    classes = {name: counts.get(label, 0) for label, name in enumerate(checkpoint.class_names)}
    data = {
        "checkpoint": str(arguments.checkpoint),
        "config": checkpoint.config.model_dump(mode="json"),
        "classes": classes,
        "unlabelled": counts.get(-1, 0),
        "codes": [*checkpoint.codes.shape],
        "image_shape": checkpoint.image_shape,
        "structure": {name: asdict(value) for name, value in measures.items()},
        "halfway": between._asdict(),
        "variations": variations,
        "collapsed": collapsed,
        "summary": checkpoint.summary,
    }
    return Outcome("\n".join(_lines(checkpoint, counts.get(-1, 0), measures, between, collapsed or [])), data)


def _lines(
    checkpoint: "LatentSpace",
    unlabelled: int,
    measures: "Mapping[str, BootstrapEstimate]",
    between: "Halfway",
    collapsed: Sequence[str],
) -> list[str]:
    """Return the description as lines of text."""
    from glico.latent.collapse import warning
    from glico.latent.structure import MEASURES

    config, (height, width, channels), (n, d) = checkpoint.config, checkpoint.image_shape, checkpoint.codes.shape
    return [
        f"{config.objective.upper()} on {config.dataset}, seed {config.seed}, {config.steps} steps",
        f"{n} codes of dimension {d}: {len(checkpoint.class_names)} classes, {unlabelled} images without a label",
        f"{width} x {height} pixels, {'grey' if channels == 1 else 'colour'}, "
        f"images {'left out' if checkpoint.images is None else 'stored'}",
        *([warning(collapsed, config)] if collapsed else []),
        *(
            f"{value.value:7.3f} ({value.low:.3f} to {value.high:.3f})  {MEASURES[name]}"
            for name, value in measures.items()
            if not collapsed or name not in ("silhouette", "purity")  # of codes, one image per class
        ),
        f"{between.from_mean:7.3f}  distance of the image halfway between two of a class from the pixel mean of both, "
        "relative to the distance of the two (0 is a cross-dissolve, 0.5 one of the two)",
        f"{between.from_nearest:7.3f}  its distance from the nearest reconstruction, in the same unit (0 = a copy)",
        f"{between.sharpness:7.3f}  its fine detail, relative to that of the two",
        f"{between.double_exposure:7.3f}  global double exposure of it: 1 is the pixel mean of both",
        f"{between.local_double_exposure:7.3f}  local double exposure of it: 0 is a copy, moved or not",
    ]
