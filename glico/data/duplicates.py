"""Images that are there twice: the same pixels, or nearly the same (encoded again, a burst, scanned twice, mirrored).

Prepared images are compared, and not files, whose transparency and depth hashes ignore. Perceptual hashes (imagehash's
pHash, of each image and of its mirror image) propose pairs, and pixels decide. Images of one colour are duplicates of
each other in nearly every hash; they are not compared.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from glico.data.dataset import Dataset
from glico.data.sample import digests
from glico.errors import FixableError
from glico.pictures import to_pil
from glico.types import Images, Labels
from glico.words import counted

Pairs = NDArray[np.int64]  # (m, 2) positions, the lower first
BITS = 14  # of 64 in which the hashes of a proposed pair may differ
POOLED = 16  # pixels a side at which proposed pairs are compared
RESIDUAL = 0.04  # share of an image's variance that its near duplicate leaves unexplained at most
PLAIN = 3.0  # grey levels: an image that varies less is of one colour
MOST = 20_000  # images whose pairs are all compared; among more, only identical pixels are found
ROWS = 512  # that are compared at once


@dataclass(frozen=True)
class Duplicates:
    """Pairs of duplicates among n images, and whether each is ``exact`` (m,); ``groups`` (n,) numbers the images that
    are connected by pairs, -1 for an image without a duplicate."""

    pairs: Pairs
    exact: NDArray[np.bool_]
    groups: Labels


def find_duplicates(images: Images) -> Duplicates:
    """Return all duplicates among images (n, H, W, C) uint8."""
    flat = images.reshape(len(images), -1)
    varied = np.flatnonzero([image.std() >= PLAIN for image in flat])
    same = _same(digests(images[varied]))
    near = _near(images[varied]) if len(varied) <= MOST else same[:0]
    pairs = np.unique(np.concatenate([same, near]), axis=0)
    exact = np.isin(pairs[:, 0] * len(images) + pairs[:, 1], same[:, 0] * len(images) + same[:, 1])
    pairs = varied[pairs] if len(pairs) else pairs
    return Duplicates(pairs, exact, _groups(pairs, len(images)))


@dataclass(frozen=True)
class DatasetDuplicates:
    """Duplicates in a data set: positions count its training images, then its test images.

    ``leaked`` (k,) are the test images that are in the training split too, and ``contradicting`` the groups of
    duplicates with several classes, by their numbers in ``found.groups``.
    """

    duplicates: Duplicates
    labels: Labels
    training: int
    leaked: Labels
    contradicting: Labels

    def sentences(self) -> list[str]:
        """Return a sentence for each effect of the duplicates; none without duplicates."""
        groups = self.duplicates.groups
        inside = groups[: self.training]
        repeated = int(sum(count - 1 for group, count in Counter(inside.tolist()).items() if group >= 0))
        tests = len(groups) - self.training
        sentences = []
        if len(self.leaked):
            are = "is" if len(self.leaked) == 1 else "are"
            sentences.append(
                f"{len(self.leaked)} of {counted(tests, 'test image')} {are} also in the training split, the same or "
                "nearly, so that the accuracy is too high."
            )
        if len(self.contradicting):
            count = int(np.isin(groups, self.contradicting).sum())
            sentences.append(
                f"{counted(count, 'image')} that are the same or nearly are in different classes, so that some of them "
                "are wrong."
            )
        if repeated:
            sentences.append(f"{counted(repeated, 'training image')} repeat another one, the same or nearly.")
        return sentences


def duplicates_of(dataset: Dataset) -> DatasetDuplicates:
    """Return the duplicates among all images of a data set."""
    duplicates = find_duplicates(np.concatenate([dataset.train_images, dataset.test_images]))
    labels = np.concatenate([dataset.train_labels, dataset.test_labels])
    training = len(dataset.train_labels)
    trained = np.unique(duplicates.groups[:training])
    leaked = np.flatnonzero(np.isin(duplicates.groups[training:], trained[trained >= 0]))
    numbers = range(int(duplicates.groups.max(initial=-1)) + 1)
    several = [group for group in numbers if len(set(labels[duplicates.groups == group].tolist())) > 1]
    return DatasetDuplicates(duplicates, labels, training, leaked, np.array(several, dtype=np.int64))


def mask_without_duplicates(duplicates: DatasetDuplicates) -> NDArray[np.bool_]:
    """(n,) False for images to leave out: of each group all but one training image, or but one test image if it has
    none; of a group with several classes all, since it is not known which is right."""
    is_first = np.ones(len(duplicates.labels), dtype=bool)
    seen: set[int] = set()
    for position, group in enumerate(duplicates.duplicates.groups.tolist()):
        if group >= 0:
            is_first[position] = group not in seen and group not in duplicates.contradicting
            seen.add(group)
    return is_first


def without_duplicates(dataset: Dataset) -> Dataset:
    """Return the data set without repeated images (:func:`mask_without_duplicates`), with a note on how many.

    Raises FixableError if a class has no other training image.
    """
    rows = mask_without_duplicates(duplicates_of(dataset))
    if rows.all():
        return dataset
    train, test = np.split(rows, [len(dataset.train_labels)])

    def only(values: tuple[str, ...], mask: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(value for value, is_kept in zip(values, mask, strict=True) if is_kept) if values else ()

    gone = np.setdiff1d(dataset.train_labels, dataset.train_labels[train])
    if len(gone):
        raise FixableError(
            f"Cannot leave out duplicates: the class {dataset.class_names[gone[0]]!r} of {dataset.name} has no other "
            "training image. Keep them (--duplicates keep).",
            "Keep duplicates",
            {"duplicates": "keep"},
        )
    skipped = [counted(int((~mask).sum()), what) for mask, what in ((train, "training image"), (test, "test image"))]
    note = f"Left out as duplicates: {skipped[0]} and {skipped[1]}."
    return replace(
        dataset,
        train_images=dataset.train_images[train],
        train_labels=dataset.train_labels[train],
        test_images=dataset.test_images[test],
        test_labels=dataset.test_labels[test],
        train_names=only(dataset.train_names, train),
        test_names=only(dataset.test_names, test),
        train_groups=only(dataset.train_groups, train),
        train_ids=None if dataset.train_ids is None else dataset.train_ids[train],
        published=None if dataset.published is None else dataset.published.only(train, test),
        contents=replace(dataset.contents, notes=(*dataset.contents.notes, note)),
    )


def _same(groups: Labels) -> Pairs:
    """Pairs of equal digests: each image with the first that has the same."""
    first: dict[int, int] = {}
    pairs = [
        (one, index)
        for index, digest in enumerate(groups.tolist())
        if (one := first.setdefault(digest, index)) != index
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _near(images: Images) -> Pairs:
    """Pairs that look the same, as they are or mirrored."""
    plain, mirrored = _hashes(images), _hashes(images[:, :, ::-1])
    pooled, flipped = _pooled(images), _pooled(images[:, :, ::-1])
    pairs = []
    for start in range(0, len(images), ROWS):
        rows = slice(start, start + ROWS)
        for hashes, others in ((plain, pooled), (mirrored, flipped)):
            bits = np.bitwise_count(hashes[rows, None] ^ plain[None])
            one, other = np.nonzero(bits <= BITS)
            one += start
            later = one < other
            one, other = one[later], other[later]
            alike = ((others[one] - pooled[other]) ** 2).mean(axis=1) <= RESIDUAL * np.minimum(
                others[one].var(axis=1), pooled[other].var(axis=1)
            )
            pairs.append(np.stack([one[alike], other[alike]], axis=1))
    return np.concatenate(pairs) if pairs else np.zeros((0, 2), dtype=np.int64)


def _hashes(images: Images) -> NDArray[np.uint64]:
    """pHash of each image as 64 bits."""
    from imagehash import phash

    bits = [phash(to_pil(image)).hash.reshape(-1) for image in images]
    packed = np.packbits(np.array(bits, dtype=bool).reshape(len(images), 64), axis=1)
    return np.ascontiguousarray(packed).view(np.uint64).reshape(-1)


def _pooled(images: Images) -> NDArray[np.float32]:
    """(n, POOLED² C): means of equal parts."""
    n, side, _, channels = images.shape
    step = max(1, side // POOLED)
    parts = images[:, : side // step * step, : side // step * step].reshape(
        n, side // step, step, side // step, step, channels
    )
    return parts.mean(axis=(2, 4), dtype=np.float32).reshape(n, -1)


def _groups(pairs: Pairs, count: int) -> Labels:
    """Numbers of the connected images, in the order of their first one; -1 for the others."""
    parent = list(range(count))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for one, other in pairs.tolist():
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return _numbered([root(index) for index in range(count)])


def _numbered(roots: Sequence[int]) -> Labels:
    sizes = Counter(roots)
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(own, len(numbers)) if sizes[own] > 1 else -1 for own in roots], dtype=np.int64)
