"""describe CHECKPOINT: what it holds, and how its classes cluster in the original space."""

import argparse
import math
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from glico.cli.outcome import Outcome


def configure(parser: argparse.ArgumentParser) -> None:
    """Which checkpoint."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a checkpoint (.safetensors)")


def run(arguments: argparse.Namespace) -> Outcome:
    """Load it and measure."""
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.latent.collapse import kept_variations, merged, said
    from glico.latent.halfway import halfway
    from glico.latent.structure import MEASURES, per_image, structure

    checkpoint = Checkpoint.load(arguments.checkpoint)
    labels = checkpoint.labels.numpy()
    found = structure(per_image(checkpoint.codes.numpy(), labels))
    counts = Counter(labels.tolist())
    classes = {name: counts.get(label, 0) for label, name in enumerate(checkpoint.class_names)}
    height, width, channels = checkpoint.image_shape
    n, d = checkpoint.codes.shape
    config = checkpoint.config
    kept = kept_variations(checkpoint)
    between = halfway(checkpoint.decoder(), checkpoint.codes, checkpoint.labels)
    collapsed = merged(kept, checkpoint.class_names) if kept is not None else None
    lines = [
        f"{config.objective.upper()} on {config.dataset}, seed {config.seed}, {config.steps} steps",
        f"{n} codes of dimension {d}: {len(classes)} classes, {counts.get(-1, 0)} images without a label",
        f"{width} x {height} pixels, {'grey' if channels == 1 else 'colour'}, "
        f"images {'left out' if checkpoint.images is None else 'stored'}",
        *([said(collapsed, config)] if collapsed else []),
        *(
            f"{value.value:7.3f} ({value.low:.3f} to {value.high:.3f})  {MEASURES[name]}"
            for name, value in found.items()
            if not collapsed or name not in ("silhouette", "purity")  # of codes that stand for one image per class
        ),
        f"{between.from_mean:7.3f}  of the ends' distance lies between an image halfway between two of a class and the "
        "pixel mean of both: 0 is a double exposure, 0.5 one of the ends",
        f"{between.from_nearest:7.3f}  of it between the image and the nearest reconstruction: 0 is a copy",
        f"{between.sharpness:7.3f}  of the ends' fine detail is in it",
        f"{between.double_exposure:7.3f}  global double exposure of it: 1 is the pixel mean of both",
        f"{between.local_double_exposure:7.3f}  local double exposure of it: 0 is a copy, moved or not",
    ]
    measured = {
        name: {key: number if math.isfinite(number) else None for key, number in asdict(value).items()}
        for name, value in found.items()
    }
    data = {
        "checkpoint": str(arguments.checkpoint),
        "config": config.model_dump(mode="json"),
        "classes": classes,
        "unlabelled": counts.get(-1, 0),
        "codes": [n, d],
        "image_shape": checkpoint.image_shape,
        "structure": measured,
        "halfway": {key: value if math.isfinite(value) else None for key, value in between._asdict().items()},
        "variations": kept,
        "collapsed": collapsed,
        "summary": checkpoint.summary,
    }
    return Outcome("\n".join(lines), data)
