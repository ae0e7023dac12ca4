"""Tables as data: complete, valid, planned without waste, run through run folders and reported as they are."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from glico.checkpoints.checkpoint import Checkpoint
from glico.cli.main import main
from glico.cli.table import configure
from glico.data import load_dataset
from glico.errors import GlicoError
from glico.experiments import TABLES
from glico.experiments.grid import Grid
from glico.experiments.methods import GLICO, GLO, LERP, STANDARD
from glico.experiments.order import Order, stored_orders
from glico.experiments.plan import Plan, Result
from glico.experiments.report import report
from glico.experiments.report_file import MEASURED, shipped
from glico.experiments.report_text import chosen, markdown, measured
from glico.experiments.table import ACCURACY, Cell, Figure, Method, Search
from glico.runs.execute import execute
from glico.runs.folder import RunFolder, list_runs
from glico.training.build import build_classification, scored_split

TINY = replace(
    TABLES["digits"],
    methods=(STANDARD, GLICO, GLO, LERP),
    samples_per_class=(2,),
    seeds=(0,),
    train={"steps": 2, "generator_width": 4, "dimension": 8, "snapshots": 0},
    classify={"steps": 2, "batch_size": 8, "evaluations": 1},
)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(TABLES, "tiny", TINY)
    monkeypatch.setenv("GLICO_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_of_every_table_is_a_valid_configuration(name: str) -> None:
    table = TABLES[name]
    names = [method.name for method in table.methods]
    assert len(set(names)) == len(names)
    assert all(pair[0] in names and pair[1] in names for pair in table.comparisons)
    cells = table.cells(None if table.datasets else "mine.npz")
    for cell in cells:
        train, classify = table.train_config(cell, 3), table.classify_config(cell, 3, "here.safetensors")
        assert (train.seed, classify.seed) == (3, 3)
        assert (train.dataset, train.samples_per_class) == (cell.dataset, cell.samples_per_class)
    assert set(table.figures) == {
        (cell.dataset, cell.samples_per_class, cell.method.name) for cell in cells if cell.figure
    }, "every printed figure has its cell"
    if table.protocol == "scaled-down":
        assert not table.figures


def test_paper_protocol_sees_as_many_images_as_200_full_epochs() -> None:
    table = TABLES["cifar100"]
    config = table.classify_config(table.cells()[0], 0, "here")
    assert config.classifier == "wideresnet-28-10"
    assert (config.learning_rate, config.batch_size) == (0.1, 128)
    assert config.steps * config.batch_size == pytest.approx(200 * 50_000, rel=1e-3)


def test_methods_with_equal_training_share_checkpoints() -> None:
    plan = Plan(TABLES["digits"], TABLES["digits"].cells(), (0, 1, 2))
    trainings = plan.trainings()
    assert len(trainings) == 2 * 3 * 2, "GLICO and GLO, two sizes, three seeds"
    assert len({config.fingerprint() for config in trainings}) == len(trainings)


def test_cells_can_be_chosen_and_wrong_choices_are_said() -> None:
    table = TABLES["digits"]
    chosen = table.cells(samples_per_class=[7], methods=["GLO"])
    assert [(cell.samples_per_class, cell.method.name) for cell in chosen] == [(7, "GLO")]
    with pytest.raises(GlicoError, match="no method 'glo': choose from standard, class mix"):
        table.cells(methods=["glo"])
    with pytest.raises(GlicoError, match="--dataset"):
        TABLES["cifar10-small"].cells()
    assert {cell.dataset for cell in TABLES["cifar10-small"].cells("mine.npz")} == {"mine.npz"}
    assert all(cell.figure is None for cell in TABLES["cifar100"].cells("mine.npz")), "not the paper's data"


def results(figure: Figure | None = None) -> list[Result]:
    rng = np.random.default_rng(0)
    result = []
    for method in TINY.methods:
        scores = {seed: {"accuracy": value, "top5": value} for seed, value in enumerate(rng.normal(0.8, 0.02, 4))}
        result.append(Result(Cell("digits", 5, method, figure), range(4), scores))
    return result


def test_the_report_has_means_errors_and_paired_differences() -> None:
    measured = results()
    del measured[1].scores[3]
    text = markdown(report(TINY, measured), TINY)
    baseline, glico = (result.values(ACCURACY[0]) for result in measured[:2])
    values = np.array(list(baseline.values()))
    assert f"| standard | {values.mean():.2f} ± {stats.sem(values):.2f} |" in text
    shared = [glico[seed] - baseline[seed] for seed in range(3)]
    interval = stats.t.interval(0.95, 2, np.mean(shared), stats.sem(shared))
    line = next(line for line in text.splitlines() if "| GLICO − standard |" in line)
    words = f"{np.mean(shared):+.2f} ± {stats.sem(shared):.2f} | {interval[0]:+.2f} to {interval[1]:+.2f} | "
    assert words.replace("-", "−") in line
    agreeing = sum(np.sign(d) == np.sign(np.mean(shared)) for d in shared)
    assert line.endswith(f"{agreeing} of 3 |")
    assert "Scaled down" in text
    assert "paper's top-1 (%)" not in text


def test_the_papers_figures_stand_in_columns_of_their_own() -> None:
    text = measured(report(TINY, results(Figure.printed("22.89±0.09")))).markdown()
    assert "| top-1 (%) | paper's top-1 (%) | top-5 (%) |" in text.splitlines()[0]
    assert text.count("| 22.89 ± 0.09 |") == 4
    assert "paper's top-5 (%)" in measured(report(TINY, results(Figure.printed("43.84±0.25", "70.73±0.07")))).header
    quoted = measured(report(TINY, results(Figure.printed("23.01 (22)"))))
    assert quoted.columns()["as published (%)"] == ["22"] * 4


def test_programs_can_read_the_minus_of_a_csv() -> None:
    assert Grid(["difference"], [["−0.50"]]).csv() == "difference\n-0.50\n"


def test_what_is_not_there_yet_is_a_dash() -> None:
    empty = [Result(result.cell, range(4)) for result in results()]
    text = markdown(report(TINY, empty), TINY)
    assert text.count("| – | – | 0 of 4 |") == 4
    assert "difference" not in text


@pytest.mark.slow
def test_table_runs_only_missing_runs_and_reports_failures(
    tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["table", "tiny", "--seeds", "0", "--device", "cpu"]
    assert main([*command, "--methods", "standard", "GLICO", "--dry-run"]) == 0
    planned = capsys.readouterr().out
    assert "generators: 1, of which 1 are to run" in planned
    assert "classifier runs: 2, of which 2 are to run" in planned
    assert "about" in planned
    assert not tiny.exists(), "a dry run leaves nothing behind"

    assert main([*command, "--methods", "standard"]) == 0
    assert "| digits | 2 | standard |" in capsys.readouterr().out
    before = {path: path.stat().st_mtime_ns for path in tiny.glob("*/result.json")}
    assert len(before) == 2

    wild = Method("wild", classify={"augmentation": "standard", "learning_rate": 10, "weight_decay": 1, "steps": 400})
    monkeypatch.setitem(TABLES, "tiny", replace(TINY, methods=(*TINY.methods[:2], wild)))
    assert main(command) == 1
    shown = capsys.readouterr()
    assert "diverged (NaN) at step" in shown.err
    assert "| digits | 2 | wild | – | – | 0 of 1 |" in shown.out
    assert "| GLICO − standard |" in shown.out
    assert len(list(tiny.glob("*/result.json"))) == 3
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())

    assert main([*command, "--methods", "standard", "GLICO", "--dry-run"]) == 0
    assert "classifier runs: 2, of which 0 are to run" in capsys.readouterr().out


@pytest.mark.slow
def test_settings_are_chosen_on_holdouts_and_tested_once(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    search = Search({"learning_rate": (1e-9, 0.1), "weight_decay": (5e-4,)}, splits=(3,))
    train = {"steps": 1, "generator_width": 4, "dimension": 8, "snapshots": 0}
    classify = {"steps": 40, "batch_size": 32, "evaluations": 1}
    table = replace(TINY, samples_per_class=(5,), methods=TINY.methods[:1], train=train, classify=classify)
    monkeypatch.setitem(TABLES, "tuned", replace(table, comparisons=(), search=search))
    plan = Order("tuned").plan()
    assert plan.sizes() == (1, 3)
    assert plan.candidates() == plan.classifications() == [], "known when what they stand on is done"
    for stage in plan.stages():
        for config in stage():
            execute(RunFolder.create(config), device="cpu")
    assert [(c.learning_rate, c.seed, c.scored_on) for c in plan.candidates()] == [
        (1e-9, 3, "holdout"),
        (0.1, 3, "holdout"),
    ]
    (tested,) = plan.classifications()
    assert (tested.learning_rate, tested.seed, tested.scored_on) == (0.1, 0, "test"), "only that rate learns"
    assert plan.statuses() == {"done": 4, "missing": 0}
    assert main(["table", "tuned"]) == 0
    assert "| 5 | standard | 0 | 0.1 | 0.0005 |" in capsys.readouterr().out


def test_only_settings_that_a_method_uses_are_chosen(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"interpolation_factors": ((0.1,), (0.3, 0.5)), "cutout_side": (0.25, 0.5)}
    table = replace(
        TINY, samples_per_class=(5,), methods=(STANDARD, GLICO), comparisons=(), search=Search(grid, splits=(3, 4))
    )
    monkeypatch.setitem(TABLES, "tuned", table)
    plan = Order("tuned").plan()
    assert plan.sizes() == (3, 1 + 1 + 2 * 2), "nothing is chosen for the standard arm, one setting for GLICO"
    standard, glico = plan.cells
    result = [
        Result(standard, [0], {0: {"accuracy": 0.3, "top5": 0.8}}),
        Result(glico, [0], {0: {"accuracy": 0.3, "top5": 0.8}}, {0: {"interpolation_factors": (0.3, 0.5)}}),
    ]
    assert chosen(report(table, result)).lines == [["5", "GLICO", "0", "0.3, 0.5"]]


def test_what_chooses_settings_was_not_seen_by_the_generator(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search({"learning_rate": (0.01, 0.1)}, splits=(3, 4))
    table = replace(TINY, samples_per_class=(5,), methods=(STANDARD, GLICO), comparisons=(), search=search)
    monkeypatch.setitem(TABLES, "tuned", table)
    plan = Order("tuned").plan()
    assert [config.holdout for config in plan.trainings()] == [None, 3, 4], "one for the standard arm and for the test"
    for config in plan.trainings():
        assert execute(RunFolder.create(config), device="cpu").status == "done"
    dataset = load_dataset("digits")
    held = {}
    for config in plan.candidates():
        checkpoint = Checkpoint.load(config.checkpoint)
        assert checkpoint.config.holdout == (config.seed if config.augmentation == "glico" else None)
        training = build_classification(config, checkpoint, dataset)
        scored = scored_split(config, checkpoint, dataset)
        held.setdefault((config.seed, scored.split), []).append(sorted(scored.indices.tolist()))
        learned = set(checkpoint.indices[training.epochs.rows].tolist())
        assert not learned & set(scored.indices.tolist()), "not learned from"
        assert len(learned) == 40
    assert {key: len({*map(tuple, result)}) for key, result in held.items()} == {(3, "train"): 1, (4, "train"): 1}
    assert held[3, "train"][0] != held[4, "train"][0]
    glico = next(config for config in plan.candidates() if config.augmentation == "glico")
    unseen = Checkpoint.load(glico.checkpoint)
    assert not set(unseen.indices.tolist()) & set(held[3, "train"][0])
    with pytest.raises(GlicoError, match="without the holdout of seed 3"):
        build_classification(glico.model_copy(update={"seed": 4}), unseen, dataset)


def test_a_table_may_vary_the_training_length() -> None:
    table = TABLES["length"]
    cells = table.cells("mine.npz", methods=["GLICO"])
    assert [table.classify_config(cell, 0, "here").steps for cell in cells] == [300, 1_000, 3_000, 10_000]
    result = [
        Result(cell, range(3), {seed: {"accuracy": 0.3 + 0.01 * seed, "top5": 0.8} for seed in range(3)})
        for cell in table.cells("mine.npz")
    ]
    text = markdown(report(table, result), table)
    assert "| mine.npz | 10 | 3,000 | GLICO | 31.00 ± 0.58 |" in text
    assert text.count("| GLICO − standard | +0.00 ± 0.00 | +0.00 to +0.00 | cannot tell | – |") == 4


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--samples-per-class", "1"], "--samples-per-class is 1"),
        (["--seeds", "-1"], "--seed is -1"),
        (["--reconstruction", "pixels"], "--reconstruction is pixels"),
    ],
)
def test_wrong_arguments_end_with_status_2(
    arguments: list[str], sentence: str, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", "tiny", *arguments]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("file", sorted(MEASURED.glob("*.json")), ids=lambda file: file.stem)
def test_what_is_shipped_was_measured_for_a_table_that_there_is(file: Path) -> None:
    table, result = TABLES[file.stem], shipped(file.stem)
    assert result is not None
    names = {method.name for method in table.methods}
    assert {row.method for row in result.rows} <= names
    assert {name for row in result.comparisons for name in (row.method, row.baseline)} <= names
    assert "| top-1 (%) |" in markdown(result, table)


def test_precision_is_that_of_the_classifiers(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "tiny", "--methods", "standard", "--precision", "bfloat16"]) == 0
    assert "Changed by the command: the classifier's arithmetic: bfloat16." in capsys.readouterr().out
    assert {run.kind: run.config.precision for run in list_runs()} == {"train": "auto", "classify": "bfloat16"}


def test_lengths_are_cells_and_are_remembered_apart(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    declared, order = Order("tiny"), Order("tiny", changes={"lengths": [1, 2]})
    assert {cell.steps for cell in declared.plan().cells} == {None}
    plan = order.plan()
    assert [cell.steps for cell in plan.cells] == [1] * len(TINY.methods) + [2] * len(TINY.methods)
    assert [plan.table.classify_config(cell, 0, "here").steps for cell in plan.cells[:: len(TINY.methods)]] == [1, 2]
    assert len(plan.trainings()) == len(declared.plan().trainings()), "the generators are shared"
    assert order.command().endswith("table tiny --lengths 1 2")
    declared.keep()
    order.keep()
    assert [dict(kept.changes) for kept in stored_orders("tiny")] == [{}, {"lengths": [1, 2]}]
    assert main(["table", "tiny", "--lengths", "1", "2", "--dry-run"]) == 0
    assert "| steps |" in capsys.readouterr().out
    for words, text in (
        (["tiny", "--lengths", "0"], "--steps is 0"),
        (["tiny", "--precision", "half"], "--precision is half"),
        (["images", "--lengths", "3", "--dry-run"], "trains no classifier"),
    ):
        assert main(["table", *words]) != 0
        assert text in capsys.readouterr().err


def test_help_names_every_table() -> None:
    parser: Any = argparse.ArgumentParser()
    configure(parser)
    words = "".join(parser.format_help().split())  # a name may be broken at its hyphen
    assert all(name in words for name in TABLES)
