"""A table of generators: each is trained, then its generated images are compared with the test split (Fig. 1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glico.config import DcganConfig, RunConfig, TrainConfig
from glico.errors import GlicoError
from glico.experiments.plan import Plan, Result, finished_run
from glico.experiments.table import Cell
from glico.files import read_json, write_json
from glico.runs.folder import RunFolder
from glico.runs.kinds import digest


@dataclass(frozen=True)
class ImagePlan(Plan):
    """``features`` is the file of the network that the features come from; None: Inception v3.

    The results are in each generator's run folder, in a file for each network.
    """

    features: str | None = None

    def stages(self) -> list[Callable[[], Sequence[RunConfig]]]:
        """Return the generators."""
        return [self.trainings]

    def sizes(self) -> tuple[int, int]:
        """Return the number of generators, and 0 classifiers."""
        return len(self.trainings()), 0

    def measure(self) -> list[str]:
        """Compare the images of those generators that have not been compared yet, on this machine."""
        from glico.evaluation.fidelity import compare

        failures = []
        where = {name: self.train[name] for name in ("device", "download") if name in self.train}
        for config in self.trainings():
            folder = finished_run(config)
            if folder is None or self._file(folder).exists():
                continue
            generator = folder.file((folder.result or {})["checkpoint"])
            try:
                write_json(self._file(folder), compare([generator], features=self.features, seed=config.seed, **where))
            except GlicoError as error:
                failures.append(str(error))
        return list(dict.fromkeys(failures))

    def _training(self, cell: Cell, seed: int, holdout: int | None = None) -> TrainConfig | DcganConfig:
        """Return the latent optimisation, or a DCGAN that shares all settings that it has with it."""
        config = super()._training(cell, seed, holdout)
        if not cell.method.dcgan:
            return config
        shared = {name: value for name, value in config.model_dump().items() if name in DcganConfig.names()}
        return DcganConfig.model_validate(shared)

    def _result(self, cell: Cell) -> Result:
        result = Result(cell, self.seeds)
        for seed in self.seeds:
            folder = finished_run(self._training(cell, seed))
            facts: dict[str, Any] | None = read_json(self._file(folder)) if folder is not None else None
            if facts is not None:
                result.scores[seed] = facts | facts["generators"][0]
        return result

    def _file(self, folder: RunFolder) -> Path:
        return folder.file(f"fidelity-{digest(Path(self.features))[:8] if self.features else 'inception'}.json")
