"""The folders of a tree that hold images; masks, annotations, thumbnails and second copies are set aside."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from glico.config.limits import check
from glico.data.split_names import is_annotation, is_storage, role_of, words_of
from glico.data.tree import Names, Tree, composed, natural_key

NOT_LABELLED = frozenset(
    (
        *("pred", "predict", "prediction", "predictions", "inference"),
        *("submission", "submissions", "unlabeled", "unlabelled", "unsupervised"),
    )
)
CERTAIN = frozenset(
    (
        *("masks", "annotations", "segmentations", "groundtruth", "trimaps"),
        *("thumbs", "thumbnails", "heatmaps", "segmentationclass", "segmentationobject"),
    )
)
MASK_FILE = re.compile(r"(.+)[_-](mask|segmentation|gt|groundtruth)([_-]?\d+)?", re.IGNORECASE)


class ImageFolders:
    """The folders of a tree that hold images, but for those ``set_aside``, which have the reason."""

    def __init__(self, tree: Tree) -> None:
        self.title = tree.title
        self.set_aside: dict[Names, str] = {}
        self.inside: dict[Names, set[Names]] = {}  # folder -> the folders right below it that hold images
        self.direct: dict[Names, list[Names]] = {}  # folder -> the images right in it
        for path in sorted(tree.images, key=lambda path: tuple(map(composed, path))):
            self.direct.setdefault(path[:-1], []).append(path)
            for depth in range(1, len(path)):
                self.inside.setdefault(path[: depth - 1], set()).add(path[:depth])

    def parts(self, top: Names) -> list[Names]:
        """Return the folders right below ``top`` that hold images and are not set aside, in natural order."""
        folders = [path for path in self.inside.get(top, ()) if path not in self.set_aside and self.holds_images(path)]
        return sorted(folders, key=lambda path: natural_key(path[-1]))

    def holds_images(self, top: Names) -> bool:
        """Return whether images are left in ``top`` or below it."""
        return bool(self.direct.get(top)) or any(
            inner not in self.set_aside and self.holds_images(inner) for inner in self.inside.get(top, ())
        )

    def below(self, top: Names) -> list[Names]:
        """Return the images in ``top`` and below it that are not set aside."""
        inner = [
            path for folder in self.inside.get(top, ()) if folder not in self.set_aside for path in self.below(folder)
        ]
        return sorted([*self.direct.get(top, ()), *inner], key=lambda path: tuple(map(composed, path)))

    def descend(self, top: Names) -> Names:
        """Return the first folder from ``top`` down that does not hold one folder alone. Set aside folders that are
        no classes."""
        while True:
            self.put_aside(top)
            inner = self.parts(top)
            if len(inner) != 1 or not self.inside.get(inner[0]):
                return top
            top = inner[0]

    def put_aside(self, top: Names) -> None:
        """Set aside the folders below ``top`` that are masks, predictions, or another copy of the data set."""
        check("classes", len(self.inside.get(top, ())), self.title)
        inner = self.parts(top)
        stored = any(is_storage(path[-1]) for path in inner)
        for path in inner:
            if is_annotation(path[-1]):
                if self.is_beside_its_images(path, [other for other in inner if other != path], stored):
                    self.set_aside[path] = "masks, annotations or thumbnails by their folder's name"
            elif len(inner) > 1 and role_of(path[-1]) == "other" and set(words_of(path[-1])) & NOT_LABELLED:
                self.set_aside[path] = "named as images without a true label"
        inner = self.parts(top)
        names = Counter(path[-1].casefold() for path in inner)
        for path in inner:
            held = self.names_inside(path)
            if len(held) < 2:
                continue
            own = path[-1].casefold()
            beside = names.keys() - ({own} if names[own] == 1 else set())
            if (len(beside) > 1 and beside <= held) or held <= beside:
                self.set_aside[path] = "holds the folders beside it once more"
                names -= Counter([own])

    def is_beside_its_images(self, path: Names, others: Sequence[Names], stored: bool) -> bool:
        """Return whether the name means annotations here: "masks" beside "images", not "mask" beside "no mask"."""
        words = set(words_of(path[-1]))
        if any(word.rstrip("s") in other[-1].lower() for word in words for other in others if not word.isdecimal()):
            return False
        return (stored and not is_storage(path[-1])) or (bool(words & CERTAIN) and bool(others))

    def peek(self, top: Names) -> Names:
        """Return the folder where :meth:`descend` would end, with nothing set aside on the way."""
        while True:
            inner = self.parts(top)
            if len(inner) != 1 or not self.inside.get(inner[0]):
                return top
            top = inner[0]

    def names_inside(self, top: Names) -> set[str]:
        """Return the names of the folders in ``top``, in lower case."""
        return {child[-1].casefold() for child in self.parts(self.peek(top))}

    def without_masks(self, paths: list[Names]) -> list[Names]:
        """Return ``paths`` without masks by their names: "benign (1)_mask.png" beside "benign (1).png"."""
        stems = {(*path[:-1], PurePosixPath(path[-1]).stem) for path in paths}
        masks = []
        for path in paths:
            match = MASK_FILE.fullmatch(PurePosixPath(path[-1]).stem)
            if match and (*path[:-1], match[1]) in stems:
                masks.append(path)
        self.set_aside |= dict.fromkeys(masks, "masks by their names")
        found_masks = set(masks)
        return [path for path in paths if path not in found_masks]
