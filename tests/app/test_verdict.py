"""The verdict above the results: which method helps, what the seeds can show, how many more it takes, and starting
them."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from scipy import stats
from streamlit.testing.v1 import AppTest

from app.results.verdict import target_seeds
from glico.evaluation.statistics import paired_difference
from glico.runs.folder import list_runs
from glico.runs.launch import follow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], AppTest]:
    """Opens a page over a folder of runs."""

    def at(view: str, runs: Path) -> AppTest:
        monkeypatch.setenv("GLICO_RUNS", str(runs))
        return AppTest.from_file(str(ROOT / "app" / "views" / f"{view}.py"), default_timeout=120).run()

    return at


def runs_with(finished_runs: Path, place: Path, accuracies: dict[str, Sequence[float]]) -> Path:
    """Classifier runs of two methods that have these accuracies, a seed each."""
    runs = Path(shutil.copytree(finished_runs, place / "runs"))
    for method, values in accuracies.items():
        run, *others = sorted(runs.glob(f"classify-*-{method}-small-cnn-*"))
        for other in others:
            shutil.rmtree(other)
        (run / "predictions.npz").unlink()
        for seed, accuracy in enumerate(values):
            copy = Path(shutil.copytree(run, runs / f"{run.name}-{seed}"))
            for name, change in (("result.json", {"accuracy": accuracy}), ("run.json", {"seed": seed})):
                written = json.loads((copy / name).read_text())
                (written["config"] if name == "run.json" else written).update(change)
                (copy / name).write_text(json.dumps(written))
        shutil.rmtree(run)
    return runs


def verdicts(app: AppTest) -> list[str]:
    """The verdicts on the page, without escapes."""
    texts = [element.value.replace("\\", "") for element in app.markdown]
    return [text for text in texts if "against standard" in text]


@pytest.mark.parametrize("view", ["classify", "results"])
def test_verdict_names_the_method_that_helps(view: str, opened, finished_runs: Path, tmp_path: Path) -> None:
    glico, standard = [0.61, 0.64, 0.63, 0.66, 0.62], [0.60, 0.61, 0.60, 0.62, 0.61]
    app = opened(view, runs_with(finished_runs, tmp_path, {"glico": glico, "standard": standard}))
    assert not app.exception
    (verdict,) = verdicts(app)
    interval = stats.ttest_rel(glico, standard).confidence_interval()
    assert "glico: helps" in verdict
    assert f"+2.40 points against standard (95 % interval +{100 * interval.low:.2f} to" in verdict
    target = target_seeds(paired_difference(glico, standard))
    assert target is not None
    assert f"about {target} seeds, {target - 5} more" in verdict
    assert app.button(key=f"{view}_more_seeds").label == f"Run {target - 5} more seeds"


def test_verdict_says_that_a_method_hurts_or_cannot_be_told(opened, finished_runs: Path, tmp_path: Path) -> None:
    standard = [0.60, 0.61, 0.60, 0.62]
    for name, glico, words in (
        ("hurt", [0.50, 0.52, 0.51, 0.52], "glico: hurts"),
        ("none", [0.50, 0.70, 0.52, 0.73], "glico: cannot tell"),
    ):
        (tmp_path / name).mkdir()
        runs = runs_with(finished_runs, tmp_path / name, {"glico": glico, "standard": standard})
        (verdict,) = verdicts(opened("results", runs))
        assert words in verdict


@pytest.mark.parametrize("seeds", [1, 2])
def test_no_verdict_is_given_below_three_seeds(seeds: int, opened, finished_runs: Path, tmp_path: Path) -> None:
    values = {"glico": [0.9] * seeds, "standard": [0.1] * seeds}
    app = opened("results", runs_with(finished_runs, tmp_path, values))
    (verdict,) = verdicts(app)
    assert "cannot tell" in verdict
    assert "An interval takes 3 seeds" in verdict
    assert app.button(key="results_more_seeds").label == f"Run {3 - seeds} more seed{'s' * (seeds < 2)}"


@pytest.mark.slow
def test_button_runs_the_seeds_that_are_missing(opened, finished_runs: Path, tmp_path: Path) -> None:
    """The third seed of both methods is started with the settings of the others, and then there is an interval."""
    runs = Path(shutil.copytree(finished_runs, tmp_path / "runs"))
    app = opened("classify", runs)
    before = {run.id for run in list_runs()}
    app.button(key="classify_more_seeds").click().run()
    assert not app.exception
    assert not app.error
    started = [run for run in list_runs() if run.id not in before]
    assert sorted((run.settings["augmentation"], run.settings["seed"]) for run in started) == [
        ("glico", 2),
        ("standard", 2),
    ]
    assert "classify_more_seeds" not in {button.key for button in app.button}, "what is running is not started again"
    assert {state.status for state in follow(started)} == {"done"}
    (verdict,) = verdicts(app.run())
    assert "95 % interval" in verdict
