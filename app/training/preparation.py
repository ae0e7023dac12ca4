"""The preparation of a person's own images: the choices that matter for them, each with its effect on a few images."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app import cached
from app.components.strips import Strip, strips
from app.widgets.text import plain
from glico.config import DataConfig
from glico.data.preparation import GROUNDS, Colour, Preparation
from glico.data.value_range import given_range
from glico.rows import evenly_spaced

FIELDS = ("fit", "value_range", "ground")
EXAMPLES = 6  # images that show an effect
EXAMPLE_SIDE = 64  # pixels, at most: they are shown small
FITS = {
    "crop": "crop",
    "white": "white border",
    "black": "black border",
    "mirrored": "mirrored border",
    "mean": "mean border",
    "squash": "squash",
}
RANGES = {"auto": "range found", "stored": "as stored", "percentiles": "percentiles"}


@dataclass(frozen=True)
class Choice:
    """A field with its ``options`` and their labels, and how each option that has an ``effect`` prepares images."""

    field: str
    title: str
    options: Mapping[str, str]
    effects: Mapping[str, Preparation]


def current() -> dict[str, Any]:
    """Return the session's choices by field."""
    return {name: st.session_state.get(f"train_{name}") or DataConfig.describe(name).default for name in FIELDS}


def effective(config: DataConfig) -> dict[str, Any]:
    """Return the choices of a configuration, with the default of those that do not change its images.

    Raises GlicoError if the data set cannot be read.
    """
    matter = {choice.field for choice in _choices(config)}
    return {name: getattr(config, name) if name in matter else DataConfig.describe(name).default for name in FIELDS}


def show(config: DataConfig) -> None:
    """Show the choices that change the images, each with its effect."""
    for choice in _choices(config):
        st.pills(
            choice.title,
            list(choice.options),
            format_func=choice.options.__getitem__,
            required=True,
            wrap=True,
            default=DataConfig.describe(choice.field).default,
            key=f"train_{choice.field}",
            persist_state="session",
            help=plain(DataConfig.describe(choice.field).help),
        )
        _show_effects(config, choice)


def _choices(config: DataConfig) -> list[Choice]:
    data = cached.dataset(config)
    settled, choices = data.preparation, data.choices
    if settled is None:
        return []
    offered = []
    if choices.oblong:
        effects = {fit: replace(settled, fit=fit) for fit in FITS}  # type: ignore[arg-type]
        offered.append(Choice("fit", "From an oblong image to a square", FITS, effects))
    if choices.ranges:
        own = {} if config.value_range in RANGES else {config.value_range: config.value_range}
        labels = {word: f"{label}: {_range(choices.ranges[word])}" for word, label in RANGES.items()} | own
        effects = {word: replace(settled, value_range=written) for word, written in choices.ranges.items()}
        effects |= {word: replace(settled, value_range=word) for word in own}
        offered.append(Choice("value_range", "Values shown as black and white", labels, effects))
    if choices.transparent:
        effects = {ground: replace(settled, ground=ground) for ground in GROUNDS}
        labels = {ground: ground for ground in ("auto", *GROUNDS)}
        offered.append(Choice("ground", "Background of transparent images", labels, effects))
    return offered


def _show_effects(config: DataConfig, choice: Choice) -> None:
    """Show the same images under every option; the rows in use have a frame."""
    data, sample = cached.dataset(config), cached.sample(config)
    if not data.train_names:
        return
    spread = evenly_spaced(len(sample.indices), EXAMPLES)
    names = [data.train_names[index] for index in sample.indices[spread]]
    colour: Colour = "grey" if data.image_shape[2] == 1 else "rgb"
    shown = cached.examples(
        config,
        names,
        [
            replace(effect, resolution=min(EXAMPLE_SIDE, effect.resolution), colour=colour)
            for effect in choice.effects.values()
        ],
    )
    in_use = data.preparation
    rows = [
        Strip(label, images, [f"{label} · {name}" for name in names], marked=[effect == in_use] * len(images))
        for (option, effect), images in zip(choice.effects.items(), shown, strict=True)
        for label in [choice.options[option].partition(":")[0]]
    ]
    strips(rows, f"train_effects_{choice.field}", tile=40)


def _range(written: str) -> str:
    """A range LOW:HIGH for a person."""
    low, high = given_range(written) or (0.0, 0.0)
    return " to ".join(f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" for value in (low, high))
