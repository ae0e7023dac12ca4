"""The one schema: a field's default, bounds, unit and help are written here and nowhere else.

The command line's ``--help``, the app's forms, the JSON in a checkpoint and a run's id all come from it.
Where the paper gives a number it is the default and is cited; where it is silent the authors' released
code decides, or a measurement of ours does, and the comment says so.
"""

from glico.config.augmentations import AUGMENTATIONS, DETAILED, GENERATIVE
from glico.config.classify import SCORED, ClassifyConfig, PathName
from glico.config.data import DataConfig, Resolution
from glico.config.dcgan import DcganConfig
from glico.config.project import ProjectConfig
from glico.config.schema import Config, Facts, WrongValue
from glico.config.shared import Precision
from glico.config.train import TrainConfig

RunConfig = TrainConfig | ClassifyConfig | DcganConfig
"""What configures a run."""

__all__ = [
    "AUGMENTATIONS", "DETAILED", "GENERATIVE", "SCORED", "ClassifyConfig", "Config", "DataConfig", "DcganConfig",
    "Facts", "PathName", "Precision", "ProjectConfig", "Resolution", "RunConfig", "TrainConfig", "WrongValue",
]  # fmt: skip
