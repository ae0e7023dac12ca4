"""The scene of the latent map: the checkpoints of one or two maps, and the projection of their codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glico.config import ProjectConfig
from glico.latent.projection_cache import Projection
from glico.types import Codes, Labels

if TYPE_CHECKING:
    from glico.checkpoints.latent_space import LatentSpace


@dataclass(frozen=True)
class Side:
    """One of the two maps: the last codes of the checkpoint at ``path``, or those of one of its snapshots."""

    key: str
    title: str
    path: Path
    snapshot: int | None = None


@dataclass(frozen=True)
class Scene:
    """The maps' ``sides``, the latent ``spaces`` of their checkpoints, and the ``projection`` of their codes.

    The spaces have the same n images. ``name`` identifies the projection.
    """

    sides: tuple[Side, ...]
    spaces: "tuple[LatentSpace, ...]"
    projection: Projection
    config: ProjectConfig
    name: str

    @property
    def codes(self) -> Sequence[Codes]:
        """The codes (n, d) of each map."""
        return [space.codes_at(side.snapshot) for side, space in zip(self.sides, self.spaces, strict=True)]

    @property
    def labels(self) -> Labels:
        """The images' labels (n,), -1 for unlabelled."""
        return self.spaces[0].labels

    @property
    def class_names(self) -> Sequence[str]:
        """The names of the classes."""
        return self.spaces[0].class_names

    @property
    def has_snapshot(self) -> bool:
        """Return whether a map shows a snapshot, which has no generator."""
        return any(side.snapshot is not None for side in self.sides)

    @property
    def has_neighbours(self) -> bool:
        """Return whether the nearest codes are known; a preview has none."""
        return bool(self.projection.nearest[0].shape[1])

    @property
    def title(self) -> str:
        """The maps' titles."""
        return " · ".join(side.title for side in self.sides)
