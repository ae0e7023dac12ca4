"""Every cache of the app. What is cached is named by its content or by its file's time, so it is never stale."""

from app.cached.checkpoint_files import CheckpointFile, checkpoint, checkpoints, decoder, latent_space, trained_with
from app.cached.datasets import class_sizes, dataset, sample
from app.cached.frames import (
    collapsed,
    file_names,
    merged,
    originals,
    paths,
    reconstructions,
    surface,
    thumbnails,
    training,
)
from app.cached.maps import (
    map_content,
    map_images,
    map_newcomers,
    map_path,
    map_sheet,
    map_values,
    preview,
    quick_projection,
    structure,
    worth_a_look,
)
from app.cached.runs import arrays, metrics, pace, synthetic, trained_classifier

__all__ = [
    "CheckpointFile",
    "arrays",
    "checkpoint",
    "checkpoints",
    "class_sizes",
    "collapsed",
    "dataset",
    "decoder",
    "file_names",
    "latent_space",
    "map_content",
    "map_images",
    "map_newcomers",
    "map_path",
    "map_sheet",
    "map_values",
    "merged",
    "metrics",
    "originals",
    "pace",
    "paths",
    "preview",
    "quick_projection",
    "reconstructions",
    "sample",
    "structure",
    "surface",
    "synthetic",
    "thumbnails",
    "trained_classifier",
    "trained_with",
    "training",
    "worth_a_look",
]
