"""Every cache of the app. What is cached is named by its content or by its file's time, so it is never stale."""

from app.cached.checkpoint_files import CheckpointFile, checkpoint, checkpoints, decoder, latent_space, trained_with
from app.cached.datasets import class_sizes, dataset, sample
from app.cached.frames import paths, surface, thumbnails
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
    suspects,
)
from app.cached.photographs import encoder, encoding, is_encoded, training_image, with_photographs
from app.cached.runs import arrays, metrics, pace, synthetic, trained_classifier
from app.cached.training_images import collapsed, file_names, merged, originals, reconstructions, training

__all__ = [
    "CheckpointFile",
    "arrays",
    "checkpoint",
    "checkpoints",
    "class_sizes",
    "collapsed",
    "dataset",
    "decoder",
    "encoder",
    "encoding",
    "file_names",
    "is_encoded",
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
    "suspects",
    "synthetic",
    "thumbnails",
    "trained_classifier",
    "trained_with",
    "training",
    "training_image",
    "with_photographs",
]
