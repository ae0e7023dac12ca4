"""The schema of all options: the only place for a field's default, bounds, unit and help.

The command line's ``--help``, the app's forms, the JSON in a checkpoint and a run's id come from it. A default is the
paper's number, with its section, if the paper gives one. Otherwise it is that of the authors' released code or comes
from a measurement, and a comment says which.
"""

from glico.config.augmentations import OFFERED, augmentation_method
from glico.config.classify import FRAME_PATHS, SCORED, ClassifyConfig, FramePathName, PathName
from glico.config.data import DataConfig, Resolution
from glico.config.dcgan import DcganConfig
from glico.config.project import ProjectConfig
from glico.config.schema import Config, FieldDescription, WrongValue
from glico.config.shared import Precision
from glico.config.train import TrainConfig

RunConfig = TrainConfig | ClassifyConfig | DcganConfig
"""The configuration of a run."""

__all__ = [
    "FRAME_PATHS", "OFFERED", "SCORED", "ClassifyConfig", "Config", "DataConfig",
    "DcganConfig", "FieldDescription", "FramePathName", "PathName", "Precision", "ProjectConfig", "Resolution",
    "RunConfig", "TrainConfig", "WrongValue", "augmentation_method",
]  # fmt: skip
