"""What a field and a configuration are: one schema for the command line, the forms, the files and a run's id."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict


def field(
    default: Any, help: str, *, group: str, unit: str = "", advanced: bool = False, identity: bool = True,
    later: bool = False, only: Mapping[str, Sequence[Any]] | None = None, **bounds: Any,
) -> Any:  # fmt: skip
    """A field of the schema.

    ``bounds`` are pydantic's (``ge``, ``le``, ``gt``, ``lt``, ``max_length``); ``advanced`` fields are folded
    away in forms; ``identity=False`` marks a field that changes where a run works but not what it computes.
    ``later`` marks a field that came after the first runs were made: at its default it does not enter a run's id, so
    that theirs stay valid.
    ``only`` names another field, and the values of it with which this one is used at all.
    """
    conditions: JsonDict = {name: list(values) for name, values in (only or {}).items()}
    extra: JsonDict = {"group": group, "unit": unit, "advanced": advanced, "identity": identity, "only": conditions}
    extra["later"] = later
    return Field(default, description=help, json_schema_extra=extra, **bounds)


class Config(BaseModel):
    """Base of every configuration: immutable, and a name that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @classmethod
    def conditions(cls, name: str) -> Mapping[str, Sequence[Any]]:
        """With which values of which other fields the field ``name`` is used; none: with all."""
        conditions: Mapping[str, Sequence[Any]] = cls._extra(name, "only")
        return conditions

    @classmethod
    def used(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of a configuration's ``values`` that are used: Cutout's side, say, by Cutout alone."""

        def holds(name: str, allowed: Sequence[Any]) -> bool:
            return values.get(name, cls.model_fields[name].default) in allowed

        return {
            name: value
            for name, value in values.items()
            if name in cls.model_fields and all(holds(*one) for one in cls.conditions(name).items())
        }

    @classmethod
    def computing(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of a configuration's ``values`` that change what is computed: used, and not about where."""

        def as_ever(name: str, value: Any) -> bool:
            if not cls._extra(name, "later"):
                return False
            return json.dumps(value) == json.dumps(cls.model_fields[name].default)  # a tuple is a list in a file

        return {
            name: value
            for name, value in cls.used(values).items()
            if cls._extra(name, "identity") and not as_ever(name, value)
        }

    def fingerprint(self) -> str:
        """Eight hex digits that name what this configuration computes (not where: device and downloads)."""
        computing = self.computing(self.model_dump(mode="json"))
        return hashlib.sha256(json.dumps(computing, sort_keys=True).encode()).hexdigest()[:8]

    @classmethod
    def _extra(cls, name: str, what: str) -> Any:
        extra = cls.model_fields[name].json_schema_extra
        assert isinstance(extra, dict)
        return extra[what]
