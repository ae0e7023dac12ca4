"""The data sets that have a name, a module for each publisher: every module's DATASETS are known.

Adding a data set is adding its module, with a :class:`glico.data.dataset.KnownDataset` for each name.
"""

from importlib import import_module
from pkgutil import iter_modules

from glico.data.dataset import KnownDataset

DATASETS: dict[str, KnownDataset] = {}
for _module in iter_modules(__path__, f"{__name__}."):
    DATASETS |= import_module(_module.name).DATASETS
DATASETS = dict(sorted(DATASETS.items(), key=lambda item: item[1].download is not None))  # first what is here already
