"""The options of reading a data set: the preparation of its images, its test split, unreadable files and groups."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, TypedDict

from glico.data.dataset import TEST_FRACTION
from glico.data.preparation import Colour, Fit, Ground, Preparation, Unreadable

PREPARATION = ("fit", "value_range", "ground")  # the options that are fields of Preparation


class ReadOptions(TypedDict, total=False):
    """Options of :func:`glico.load_dataset`.

    ``fit``, ``value_range`` and ``ground`` change the preparation of images (glico.data.images). ``test_fraction`` of
    each class becomes the test split if the data has none. Unreadable images and labels are skipped if ``unreadable``
    is "leave-out". No split divides ``groups`` (glico.data.groups).
    """

    fit: Fit
    value_range: str
    ground: Ground
    test_fraction: float
    unreadable: Unreadable
    groups: str | None


@dataclass(frozen=True)
class Reading:
    """The options of one reading; a resolution of 0 in ``preparation`` stands for the data set's own."""

    preparation: Preparation
    test_fraction: float = TEST_FRACTION
    unreadable: Unreadable = "refuse"
    groups: str | None = None

    @classmethod
    def from_options(cls, resolution: int, colour: Colour, options: Mapping[str, Any]) -> Self:
        """Return the reading with these options, the others at their defaults. Raises TypeError for another name."""
        choices = {name: value for name, value in options.items() if name in PREPARATION}
        others = {name: value for name, value in options.items() if name not in PREPARATION}
        return cls(Preparation(resolution, colour, **choices), **others)

    def at_least(self, resolution: int) -> Self:
        """Return the same with this ``resolution`` if none is set."""
        own = replace(self.preparation, resolution=self.preparation.resolution or resolution)
        return replace(self, preparation=own)
