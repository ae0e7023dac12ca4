"""Images that belong together (a patient, a session, a scene): a group is never on both sides of a split.

Groups are named by a column of the table of labels, by a pattern of the file's name, by the folders inside class
folders, or by duplicates. An image without a group is one of its own.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from glico.data.tree import Names
from glico.errors import GlicoError
from glico.types import Labels
from glico.words import counted

Groups = tuple[str, ...]  # the name of each image's group, empty for none


def groups_of(paths: Sequence[Names], choice: str, table: Mapping[Names, str]) -> Groups:
    """Return the groups of files by ``choice``: "folder", "name:PATTERN" or "column:NAME" of ``table``.

    A folder of the same name in two class folders is one group.
    A pattern's first parenthesis is the group, or all that it finds. Raises GlicoError if no file has a group.
    """
    kind, _, rest = choice.partition(":")
    if kind == "folder":
        folders = tuple("/".join(path[1:-1]) for path in _below_classes(paths))
    elif kind == "column":
        folders = tuple(table.get(path, "") for path in paths)
    else:
        pattern = re.compile(rest)
        matches = [pattern.search(path[-1]) for path in paths]
        folders = tuple((match[1] if pattern.groups else match[0]) or "" if match else "" for match in matches)
    if not any(folders):
        raise GlicoError(f"No image has a group by {choice!r}: name a column, a pattern or folders that the data has.")
    return folders


def split_by_group(groups: Groups, labels: Labels, fraction: float, seed: str = "") -> NDArray[np.bool_]:
    """Return the mask (n,) of a part with whole groups: about ``fraction`` of the images of each class.

    Groups enter the part in the order of their names' hashes, as long as no class exceeds its share by more than half
    of the group. A class with two groups or more has at least one inside and one outside; a single group stays outside.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for position, group in enumerate(groups):
        members[f"group {group}" if group else f"image {position}"].append(position)
    order = sorted(members, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())
    totals = np.bincount(labels)
    target, remaining = fraction * totals, totals.copy()
    taken = np.zeros(len(totals), dtype=np.int64)
    mask = np.zeros(len(labels), dtype=bool)
    for least in (False, True) if fraction > 0 else ():  # then classes that gave nothing give their smallest group
        for name in sorted(order, key=lambda name: len(members[name])) if least else order:
            rows = members[name]
            counts = np.bincount(labels[rows], minlength=len(totals))
            own = counts > 0
            fits = (taken + counts / 2 <= target)[own].all() if not least else (taken[own] == 0).any()
            if fits and not mask[rows].any() and (remaining - counts)[own].min() > 0:
                mask[rows] = True
                taken, remaining = taken + counts, remaining - counts
    return mask


def notes_on(groups: Groups, labels: Labels, class_names: Sequence[str]) -> list[str]:
    """Return sentences about images without a group and classes with a single group; none without groups."""
    if not groups:
        return []
    missing = sum(not group for group in groups)
    names = {group for group in groups if group}
    notes = [f"{counted(len(names), 'group')} of images: none is on both sides of a split."]
    if missing:
        notes.append(f"{counted(missing, 'image')} without a group: each counts as a group of its own.")
    for label, name in enumerate(class_names):
        own = {groups[row] or f"image {row}" for row in np.flatnonzero(labels == label).tolist()}
        if len(own) == 1:
            notes.append(f"The class {name} is one group, so none of it can be in the test split.")
    return notes


def _below_classes(paths: Sequence[Names]) -> list[Names]:
    """Return the paths from their class folders on: without the folders that all of them share."""
    depth = 0
    while all(len(path) > depth + 1 for path in paths) and len({path[depth] for path in paths}) == 1:
        depth += 1
    return [path[depth:] for path in paths]
