"""Classify: does this augmentation help on these images? Several methods, several seeds, watched as they run."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cached, forms, public, selection
from app.comparison import chart, chart_settings, results_table, training_of
from app.components.strips import Strip, strips
from app.components.visit import arrive
from app.generated import chosen_rows, generated_images
from app.naming import checkpoint_title
from app.run_panel import EMPTY_LOG, attempt, duration, expected, notice_changes, run_names, run_panel, show_problem
from app.series import Series, common_settings, group, network
from app.text import counted, plain, show_error
from glico.config import AUGMENTATIONS, ClassifyConfig
from glico.data.dataset import Known
from glico.data.known import DATASETS
from glico.errors import GlicoError
from glico.runs.folder import RunFolder, State, list_runs
from glico.runs.kinds import run_id
from glico.runs.naming import dataset_name
from glico.runs.pace import seconds_left
from glico.runs.slots import at_once

CHOSEN_HERE = ("checkpoint", "augmentation", "seed", "drawn_from")
NAMED = 3  # runs that one sentence of what went wrong names


def configurations(checkpoint: str, methods: Sequence[str], seeds: int, values: dict[str, Any]) -> list[ClassifyConfig]:
    """A configuration for every method and seed; what a method does not use stays at its default. Raises GlicoError."""
    made = []
    for seed in range(seeds):
        for method in methods:
            chosen = {**values, "checkpoint": checkpoint, "augmentation": method, "seed": seed}
            made.append(forms.validated(ClassifyConfig, ClassifyConfig.used(chosen)))
    return made


def form() -> list[ClassifyConfig] | None:
    """The form; gives what it would launch, seed after seed so that all methods grow together.

    None where a field says what is wrong with it.
    """
    left, right = st.columns([1, 1], gap="large")
    with left:
        file = selection.choose_checkpoint("Checkpoint")
        config = file.config
        sample = f"{config.sample_size} images per class of {dataset_name(config.dataset)}, seed {config.seed}"
        st.caption(plain(f"{sample}; trained as {config.objective.upper()}."))
    with right:
        methods = st.pills(
            "Augmentation", list(AUGMENTATIONS), selection_mode="multi", default=["standard", "glico"], wrap=True,
            key="classify_methods", persist_state="session",
            help=plain(ClassifyConfig.facts("augmentation").help),
        )  # fmt: skip
        seeds = forms.number(
            "Seeds", 1, 100, 3, "classify_seeds", width=160,
            help="Every method is trained once with each of the seeds 0, 1, 2 …; differences are taken seed by seed.",
        )  # fmt: skip
    rows = chosen_rows(file)
    note = st.container()
    values = forms.widgets(ClassifyConfig, "classify", hide=CHOSEN_HERE) | {"drawn_from": rows}
    if seeds is None or forms.faults(ClassifyConfig, values):
        return None
    if (known := to_be_fetched(values["dataset"] or config.dataset)) and not values["download"]:
        with note:
            offer_digits(known)
        return None
    if st.toggle("Show what glico generates", key="classify_drawn", persist_state="session"):
        with st.container(border=True):
            generated_images(file, configurations(str(file.path), ["glico"], 1, values)[0])
    return configurations(str(file.path), methods, seeds, values)


def to_be_fetched(dataset: str) -> Known | None:
    """The data set of this name, where it is a known one that is not on this machine."""
    known = DATASETS.get(dataset)
    return None if known is None or known.is_available() else known


def offer_digits(known: Known) -> None:
    """What is to be done where a checkpoint's images are not here: a classifier learns from and is tested on them."""
    st.info(
        f"A classifier needs the data set itself, {plain(known.about)}, and it is not on this machine: switch on "
        f"Download below ({known.download}, once), or use the digits, which are here.",
        icon=":material/download:",
    )
    st.button(
        "Use digits instead", key="use_digits", icon=":material/looks_one:",
        on_click=selection.update, kwargs=selection.DIGITS,
    )  # fmt: skip


def offer(configs: list[ClassifyConfig] | None) -> tuple[list[ClassifyConfig], DeltaGenerator]:
    """How many runs that makes, and the button that starts them; the end of the page says how long they take."""
    if configs is None:
        st.button("Start", type="primary", key="classify_start", icon=":material/play_arrow:", disabled=True)
        return [], st.empty()
    if not configs:
        st.info("Choose at least one augmentation.", icon=":material/info:")
        return [], st.empty()
    present = {folder.id: folder.state for folder in list_runs()}
    states = [present.get(run_id(config)) for config in configs]
    done = sum(state is not None and state.status == "done" for state in states)
    alive = sum(state is not None and state.alive for state in states)
    left = [
        config
        for config, state in zip(configs, states, strict=True)
        if state is None or not (state.alive or state.status == "done")
    ]
    methods = len({config.augmentation for config in configs})
    words = f"{counted(len(configs), 'run')}: {counted(methods, 'method')} × {counted(len(configs) // methods, 'seed')}"
    if done or alive:
        already = [f"{done} have finished"] * (done > 0) + [f"{alive} are running below"] * (alive > 0)
        words += f", of which {' and '.join(already)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        clicked = st.button(
            f"Start {counted(len(left), 'run')}", type="primary", key="classify_start",
            icon=":material/play_arrow:", disabled=not left,
        )  # fmt: skip
        st.write(plain(words))
        slot = st.empty()
    if clicked:
        folders = [public.launch(config) for config in left]
        selection.update(run=folders[0].id)
        st.session_state["classify_started"] = st.session_state.get("classify_started", 0) + 1
        st.toast(f"{counted(len(folders), 'run')} started.", icon=":material/play_circle:")
        st.rerun()
    return left, slot


def estimate(left: list[ClassifyConfig], slot: DeltaGenerator) -> None:
    """About how long the runs take, from a few steps of each method: a second or two, so the page is drawn first."""
    if left:
        slot.caption("Timing a few steps …")
        slot.write(plain(expected(left)))


def of_the_method(name: str) -> bool:
    """Whether a setting belongs to some augmentation method, so that runs that differ in it are compared."""
    return name == "augmentation" or "augmentation" in ClassifyConfig.conditions(name)


def comparisons(runs: list[RunFolder]) -> dict[str, list[RunFolder]]:
    """Runs that can be compared: those that differ in nothing but method and seeds. Newest first, named in words."""
    found: dict[str, list[RunFolder]] = {}
    for run in runs:
        settings = common_settings(run, None)
        key = repr(sorted((name, value) for name, value in settings.items() if not of_the_method(name)))
        found.setdefault(key, []).append(run)
    named: dict[str, list[RunFolder]] = {}
    for members in found.values():
        first = members[0].settings
        methods = len({run.settings["augmentation"] for run in members})
        name = f"{checkpoint_title(Path(first['checkpoint']))} · {network(first)}"
        name += f" · {first['steps']} steps · {counted(methods, 'method')}, {counted(len(members), 'run')}"
        named[name if name not in named else f"{name} ({len(named)})"] = members
    return named


def watch(runs: list[RunFolder]) -> None:
    """One comparison, live."""
    named = comparisons(runs)
    chosen = next((n for n, members in named.items() if selection.current().run in {r.id for r in members}), None)
    names = list(named)
    st.session_state["classify_comparison"] = chosen or names[0]

    def changed() -> None:
        selection.update(run=named[st.session_state["classify_comparison"]][0].id)

    shown = st.selectbox("Comparison", names, key="classify_comparison", on_change=changed)
    members = named[shown]
    settings = chart_settings("classify")
    alive = any(run.state.alive for run in members)

    @st.fragment(run_every=1.0 if alive else None)
    def live() -> None:
        states = {run.id: run.state for run in members}
        if any(state.alive for state in states.values()) != alive:
            st.rerun()
        series = group(members, training_of)
        summary(members, states)
        problems(series, states)
        chart(series, "classify_chart", settings)
        results_table(series, "classify")
        single(series, states)

    live()


def summary(members: list[RunFolder], states: dict[str, State]) -> None:
    """How many are where, how long it will take, and what can be done to all."""
    by_status: dict[str, list[RunFolder]] = {}
    for run in members:
        by_status.setdefault(states[run.id].status, []).append(run)
    parts = [f"{len(runs)} {status}" for status, runs in by_status.items()]
    parallel = at_once(members[0].settings["device"], members[0].kind)
    left = seconds_left([states[run.id] for run in members], parallel) if "running" in by_status else None
    if left is not None:
        parts.append(f"about {duration(left)} left")
    own = {status: [run for run in each if public.is_own(run)] for status, each in by_status.items()}
    alive = own.get("running", []) + own.get("queued", [])
    stopped = [run for status in ("cancelled", "failed", "died") for run in own.get(status, [])]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(plain(" · ".join(parts)))
        if alive:
            st.button(
                f"Cancel all {len(alive)}", icon=":material/stop:", key="classify_cancel_all",
                on_click=attempt, args=[run.cancel for run in alive],
            )  # fmt: skip
        if stopped:
            st.button(
                f"Resume {len(stopped)}", icon=":material/play_arrow:", key="classify_resume_all",
                on_click=attempt, args=[partial(public.start, run) for run in stopped],
            )  # fmt: skip
    show_problem()


def problems(series: Sequence[Series], states: dict[str, State]) -> None:
    """What went wrong, once for each sentence: with which runs, and how the first one's log ends."""
    found: dict[str, dict[str, RunFolder]] = {}
    for one in series:
        for (_, seed), run in one.runs.items():
            if states[run.id].status in ("failed", "died"):
                found.setdefault(states[run.id].message, {})[f"{one.name} · seed {seed}"] = run
    for message, runs in found.items():
        names = [*list(runs)[:NAMED], f"{len(runs) - NAMED} more"][: len(runs)]
        st.error(plain(f"{', '.join(names)}: {message}"), icon=":material/error:")
        if not public.is_public():
            st.code("\n".join(next(iter(runs.values())).log_tail(4)) or EMPTY_LOG, language=None, wrap_lines=True)


def single(series: Sequence[Series], states: dict[str, State]) -> None:
    """The runs one by one: where each is, its log, and what its classifier is being fed."""
    names = {
        run.id: f"{one.name} · seed {seed} · {states[run.id].status}"
        for one in series
        for (_, seed), run in one.runs.items()
    }
    by_id = {run.id: run for one in series for run in one.runs.values()}
    with st.expander("Single runs", key="classify_single"):
        if st.session_state.get("classify_run") not in by_id:  # first the one at work: its batch is what changes
            st.session_state["classify_run"] = next(
                (run for run in by_id if states[run].status == "running"), next(iter(by_id))
            )
        chosen = st.selectbox("Run", list(by_id), format_func=lambda run: names[run], key="classify_run")
        run_panel(by_id[chosen], states[chosen])
        fed(by_id[chosen])


def fed(run: RunFolder) -> None:
    """The last batch."""
    shown = cached.arrays(run.file("preview.npz"))
    if shown is None or not {"generated", "refused"} <= shown.keys():
        return
    drawn, refused = shown["generated"], shown["refused"]
    words = f"{len(drawn)} images of the batch, {int(drawn.sum())} of them generated (framed)"
    if refused.any():
        words += f"; {counted(int(refused.sum()), 'real image')} kept, since the generated one was rejected"
    st.caption(f"Training batch at step {int(shown['step'])}: {words}")
    kinds = np.select([drawn, refused], ["generated", "real: the generated one was rejected"], "real")
    strips(
        [Strip("", shown["images"], kinds.tolist(), drawn.tolist())], f"fed_{run.id}", tile=40,
        title="training batch",
    )  # fmt: skip


st.title("Classify")
st.write("Train a classifier on the small sample with several augmentations, and see which one helps.")
asked: tuple[list[ClassifyConfig], DeltaGenerator] | None = None
try:
    asked = offer(form())
except GlicoError as error:
    show_error(error)
known = run_names()
classify_runs = [folder for folder in list_runs() if folder.kind == "classify"]
st.divider()
if started := st.session_state.get("classify_started"):
    arrive("classify_arrive", f"classifiers {started}")
st.subheader("Runs", anchor=False)
if classify_runs:
    watch(classify_runs)
else:
    st.info("There are no classifier runs yet. Runs that you start above appear here.", icon=":material/info:")
if asked is not None:
    try:
        estimate(*asked)
    except GlicoError as error:
        asked[1].empty()
        show_error(error)
notice_changes(known)
