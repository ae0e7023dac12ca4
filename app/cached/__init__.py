"""All caches of the app. Keys include content or modification time, so entries never go stale."""

from app.cached.checkpoint_files import (
    CheckpointFile,
    checkpoint,
    checkpoints,
    decoder,
    generator_graph,
    latent_space,
    trained_with,
)
from app.cached.datasets import class_sizes, dataset, duplicates, examples, sample
from app.cached.frames import paths, surface, thumbnails
from app.cached.maps import (
    map_content,
    map_images,
    map_new_images,
    map_path,
    map_sheet,
    map_values,
    preview,
    quick_projection,
    structure,
    suspects,
)
from app.cached.photographs import encoder, encoding, is_encoded, training_image, with_photographs
from app.cached.registrations import best_pairs, morphs, unregistered
from app.cached.runs import curve, metrics, run_predictions, run_preview, synthetic, trained_classifier
from app.cached.training_images import (
    collapse_warning,
    collapsed_classes,
    file_names,
    originals,
    reconstructions,
    training,
)

__all__ = [
    "CheckpointFile",
    "best_pairs",
    "checkpoint",
    "checkpoints",
    "class_sizes",
    "collapse_warning",
    "collapsed_classes",
    "curve",
    "dataset",
    "decoder",
    "duplicates",
    "encoder",
    "encoding",
    "examples",
    "file_names",
    "generator_graph",
    "is_encoded",
    "latent_space",
    "map_content",
    "map_images",
    "map_new_images",
    "map_path",
    "map_sheet",
    "map_values",
    "metrics",
    "morphs",
    "originals",
    "paths",
    "preview",
    "quick_projection",
    "reconstructions",
    "run_predictions",
    "run_preview",
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
    "unregistered",
    "with_photographs",
]
