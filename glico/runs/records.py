"""The JSON files of a run, each read through a schema: what does not fit is one sentence, and breaks nothing else."""

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from glico.data.text import plain_text
from glico.errors import GlicoError
from glico.files import read_bytes

LATEST = 1e11  # seconds since 1970, in the year 5138: a later time has no date on some machines
MOST_STEPS = 10**12
LARGEST = 1e100  # of a number that was measured: sums and squares of such numbers are finite
MOST_THREADS = 4096

Moment = Annotated[float, Field(ge=0, le=LATEST)]
Count = Annotated[int, Field(ge=0, le=MOST_STEPS)]
Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Share = Annotated[float, Field(ge=0, le=1)]
STRICT = ConfigDict(strict=True, frozen=True)

Record = TypeVar("Record")


class Unreadable(GlicoError):
    """A file of a run does not hold what it should."""


class RunRecord(BaseModel):
    """run.json: which kind of run it is, its configuration, when it was made, and what it reads.

    ``inputs`` maps the path of each file that the run reads to its digest.
    """

    model_config = STRICT

    kind: str
    config: dict[str, Any] = Field(min_length=1)
    created: Moment
    threads: int = Field(ge=1, le=MOST_THREADS)
    inputs: dict[str, str]


class Result(BaseModel):
    """result.json: what a finished run measured. Further fields are kept as they are."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")


class ClassifyResult(Result):
    """Scores of a classifier in [0, 1]; ``per_class`` has None for a class without test images."""

    accuracy: Share
    top5: Share | None = None
    loss: Number | None = None
    per_class: list[Share | None] = []
    class_names: list[str] = []
    calibration_error: Share | None = None


class TrainResult(Result):
    """The last losses of a latent optimisation, and its warnings."""

    checkpoint: str = ""
    reconstruction: Number | None = None
    variations: list[Number | None] = []
    collapsed: list[str] = []
    warnings: list[str] = []


class DcganResult(Result):
    """The last losses of a DCGAN."""

    checkpoint: str = ""
    generator_loss: Number | None = None
    discriminator_loss: Number | None = None


RUN: TypeAdapter[RunRecord] = TypeAdapter(RunRecord)
RESULTS: dict[str, TypeAdapter[Any]] = {
    "train": TypeAdapter(TrainResult),
    "classify": TypeAdapter(ClassifyResult),
    "dcgan": TypeAdapter(DcganResult),
}


def read_record(path: Path, schema: TypeAdapter[Record]) -> Record | None:
    """Return the record in a JSON file of a run, or None if there is no such file.

    Raises Unreadable if the file cannot be read, is beyond the limit or does not fit the schema.
    """
    name = plain_text(f"{path.parent.name}/{path.name}", 200)
    try:
        return schema.validate_json(read_bytes(path, "json_mib"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(f"Cannot read {name}: {error.strerror}. Check its permissions.") from None
    except ValidationError as error:
        raise Unreadable(f"Cannot read {name}: {_misfit(error)}. Restore it from a copy or delete the run.") from None


def _misfit(error: ValidationError) -> str:
    """Return in a few words the field of a record that does not fit its schema, and why."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    words = plain_text(first["msg"], 100)
    where = ".".join(plain_text(str(part), 40) for part in first["loc"][:3])
    return f"{where}: {words[:1].lower()}{words[1:]}" if where else f"{words[:1].lower()}{words[1:]}"
