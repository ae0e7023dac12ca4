"""Names of folders, tables and columns that mean a split of a data set and not a class."""

import re
from collections.abc import Collection
from typing import Literal

Role = Literal["train", "test", "val", "other"]

ROLES: dict[str, Role] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("test", "testing", "tst", "eval", "evaluation", "holdout", "heldout"), "test"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "development"), "val"),
    **dict.fromkeys(
        ("pred", "predict", "prediction", "predictions", "inference", "unlabeled", "unlabelled", "unsupervised",
         "sample", "samples", "example", "examples", "demo", "submission", "submissions"), "other",
    ),
}  # fmt: skip
SHORT: dict[str, Role] = {"tr": "train", "ts": "test", "te": "test"}  # of imagesTr, imagesTs
STORAGE = frozenset(
    ("image", "images", "img", "imgs", "pic", "pics", "picture", "pictures", "photo", "photos", "jpg", "jpeg", "jpegs",
     "jpegimages", "png", "pngs", "tif", "tiff", "data", "dataset", "datasets", "set", "sets", "split", "splits",
     "part", "parts", "chunk", "batch", "shard", "folder", "dir", "file", "files", "archive", "raw", "clean", "cleaned",
     "resized", "cropped", "final", "all", "new", "copy", "seg", "full", "original", "originals", "input", "inputs"),
)  # fmt: skip
ANNOTATIONS = frozenset(
    ("mask", "masks", "annotation", "annotations", "segmentation", "segmentations", "segmentationclass",
     "segmentationobject", "groundtruth", "gt", "trimap", "trimaps", "thumb", "thumbs", "thumbnail", "thumbnails",
     "heatmap", "heatmaps", "overlay", "overlays", "contour", "contours", "depth", "depths"),
)  # fmt: skip


def words_of(name: str) -> list[str]:
    """Return the words and numbers of a name, in lower case: "imagesTr_2" is images, tr, 2."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W\d_]+|\d+", spaced.lower())


def role_of(name: str, siblings: Collection[str] = ()) -> Role | None:
    """Return the split that a folder's or a table's name means; None for any other name.

    One word says the split, and every other word is a number, means storage ("train_images"), or occurs in the same
    place among the ``siblings`` that name a split as well ("seg_train" beside "seg_test"). A "train station" is none.
    """
    parsed = _role_word(name)
    if parsed is None:
        return None
    role, rest = parsed
    if not rest:
        return role
    for sibling in siblings:
        other = _role_word(sibling) if sibling != name else None
        if other is not None and other[0] != role and other[1] == rest:
            return role
    return None


def is_plain_role(name: str) -> bool:
    """Return whether a name is the word for a split and nothing else: "train", not "train_images"."""
    return name.lower() in ROLES


def is_annotation(name: str) -> bool:
    """Return whether a folder's name means masks, annotations or thumbnails, and not the images themselves."""
    words = [word for word in words_of(name) if not word.isdecimal()]
    return any(word in ANNOTATIONS for word in words) and all(word in ANNOTATIONS | STORAGE for word in words)


def is_storage(name: str) -> bool:
    """Return whether a name says only that images are kept there: "images_part_2", not "2"."""
    words = [word for word in words_of(name) if not word.isdecimal()]
    return bool(words) and all(word in STORAGE for word in words)


def _role_word(name: str) -> tuple[Role, tuple[str, ...]] | None:
    """Return the split that a name says, and its other words without those of storage.

    None for no split, or for several.
    """
    words = words_of(name)
    roles: list[Role] = []
    rest = []
    stored = any(word in STORAGE for word in words)
    for word in words:
        if role := ROLES.get(word) or (SHORT.get(word) if stored else None) or _compound(word):
            roles.append(role)
        elif word not in STORAGE and not word.isdecimal():
            rest.append(word)
    return (roles[0], tuple(rest)) if len(set(roles)) == 1 else None


def _compound(word: str) -> Role | None:
    """Return the split that a word like "trainset" or "testimages" says."""
    for start, role in ROLES.items():
        if word.startswith(start) and word[len(start) :] in STORAGE:
            return role
    return None
