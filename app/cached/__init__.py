"""All caches of the app. Keys include content or modification time, so entries never go stale."""

from app.cached.checkpoint_files import (
    CheckpointFile,
    checkpoints,
    latent_space,
    opened,
    trained_with,
)
from app.cached.datasets import class_sizes, dataset, decision_key, duplicates, examples, sample
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
from app.cached.photographs import encoding, is_encoded, keep_encoding, training_image, with_photographs
from app.cached.registrations import best_pairs, morph_score, morphs, unregistered
from app.cached.runs import classifier_file, curve, metrics, run_predictions, run_preview, synthetic
from app.cached.training_images import (
    collapse_warning,
    collapsed_classes,
    file_names,
    image_keys,
    originals,
    reconstructions,
    training,
)

__all__ = [
    "CheckpointFile",
    "best_pairs",
    "checkpoints",
    "class_sizes",
    "classifier_file",
    "collapse_warning",
    "collapsed_classes",
    "curve",
    "dataset",
    "decision_key",
    "duplicates",
    "encoding",
    "examples",
    "file_names",
    "image_keys",
    "is_encoded",
    "keep_encoding",
    "latent_space",
    "map_content",
    "map_images",
    "map_new_images",
    "map_path",
    "map_sheet",
    "map_values",
    "metrics",
    "morph_score",
    "morphs",
    "opened",
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
    "trained_with",
    "training",
    "training_image",
    "unregistered",
    "with_photographs",
]
