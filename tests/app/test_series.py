"""Laws of charts and tables: means over seeds, groups of runs, and text that stays text."""

import csv
import io
import math

import numpy as np
import pytest
from scipy import stats

from app.results import series
from app.widgets import figures
from app.widgets.text import plain
from glico.evaluation.statistics import estimate, paired_difference


def test_the_mean_over_seeds_takes_what_there_is_at_each_step() -> None:
    long = (np.array([1.0, 2, 3]), np.array([0.1, 0.2, 0.3]))
    short = (np.array([1.0, 2]), np.array([0.3, 0.4]))
    x, mean, error = figures.mean_over_seeds([long, short])
    assert x.tolist() == [1, 2, 3]
    assert mean == pytest.approx([0.2, 0.3, 0.3])
    assert error == pytest.approx([stats.sem([0.1, 0.3]), stats.sem([0.2, 0.4]), 0])


def test_smoothing_keeps_constants_and_weight_0_keeps_all() -> None:
    y = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    assert figures.smooth(y, 0) is y
    assert figures.smooth(np.full(9, 2.0), 0.9) == pytest.approx(np.full(9, 2.0))
    assert np.abs(np.diff(figures.smooth(y, 0.9))).max() < np.abs(np.diff(y)).max()


def test_names_tell_what_differs_and_nothing_else() -> None:
    common = {"steps": 100, "classifier": "small-cnn"}
    names = series.differing_names(
        [
            common | {"augmentation": "standard"},
            common | {"augmentation": "glico", "path": "slerp"},
            common | {"augmentation": "glico", "path": "lerp"},
        ]
    )
    assert names == ["standard", "glico · path slerp", "glico · path lerp"]


def test_accuracies_are_compared_on_the_same_images_alone() -> None:
    def images(**settings: object) -> tuple[object, ...]:
        common = {"dataset": None, "training dataset": "digits", "test_fraction": 0.2, "samples_per_class": 10}
        return series.scored_images(common | settings)

    assert images() == images(augmentation="glico", samples_per_class=5, scored_on="test")
    others = [images(), images(scored_on="holdout"), images(scored_on="holdout", samples_per_class=5)]
    others += [images(scored_on="holdout", holdout_fraction=0.5), images(dataset="birds"), images(test_fraction=0.5)]
    others += [images(**{"training dataset": None, "checkpoint": [digest]}) for digest in ("one", "another")]
    assert len(set(map(repr, others))) == len(others)


def test_of_a_path_its_name_is_said_unless_that_tells_nothing() -> None:
    def names(*paths: str) -> list[str]:
        return series.differing_names([{"augmentation": "glico", "training dataset": path} for path in paths])

    assert names("digits", "/far/away/birds.zip") == [
        "glico · training dataset digits",
        "glico · training dataset birds.zip",
    ]
    assert len(set(names("/one/birds.zip", "/two/birds.zip"))) == 2


def test_a_figure_draws_names_as_text() -> None:
    names = ["<b>bold</b>", "a & b", "same", "same"]
    figure = figures.confusion(np.eye(4, dtype=np.int64), names)
    long = figures.lines([figures.Curve("a <b> · " + "c" * 43 + " · d", np.ones(1), np.ones(1), "#000000")], "", "")
    assert long.data[0].name == f"a &lt;b&gt;<br>{'c' * 43}<br>d"
    assert list(figure.data[0].x) == ["&lt;b&gt;bold&lt;/b&gt;", "a &amp; b", "same (2)", "same (3)"]


def test_plain_text_has_no_markdown_left() -> None:
    assert plain("![x](http://y) **z**\n# h") == r"\!\[x\]\(http\:\/\/y\) \*\*z\*\* \# h".replace(r"\/", "/")


def rows() -> list[series.Row]:
    def one(name: str) -> series.Series:
        return series.Series(name, "#000000", "solid", {}, {})

    baseline, method = [0.5, 0.6, 0.7], [0.6, 0.7, 0.9]
    return [
        series.Row(one("standard"), estimate(baseline), None),
        series.Row(one("a_b & 50% | {x}"), estimate(method), paired_difference(method, baseline)),
        series.Row(one("unfinished"), None, None),
    ]


def test_the_three_exports_say_the_same_numbers() -> None:
    table = list(csv.DictReader(io.StringIO(series.to_csv(rows()))))
    assert float(table[1]["accuracy"]) == pytest.approx(2.2 / 3)
    assert float(table[1]["difference"]) == pytest.approx(0.4 / 3)
    assert table[2]["accuracy"] == ""
    for text in (series.to_markdown(rows()), series.to_latex(rows())):
        assert "73.33" in text
        assert "+13.33" in text
        assert "3 of 3" in text


def test_names_break_no_table() -> None:
    line = series.to_markdown(rows()).splitlines()[3]
    assert line.replace(r"\|", "").count("|") == len(series.HEADER) + 1
    assert r"a\_b \& 50\% | \{x\}" in series.to_latex(rows())


def test_a_single_seed_claims_no_error() -> None:
    row = series.Row(rows()[0].series, estimate([0.5]), paired_difference([0.5], [0.4]))
    assert math.isnan(row.estimate.standard_error)
    assert series.cells(row)[2:6] == ["50.00", "+10.00", "–", "cannot tell"]


def test_bars_of_classes_have_the_error_of_their_seeds() -> None:
    values, colours = {"glico": np.array([0.5, 0.7])}, {"glico": "#123456"}
    drawn = figures.per_class(["cat", "dog"], values, colours, "accuracy", {"glico": np.array([0.01, 0.02])})
    assert drawn.data[0].error_y.array.tolist() == [0.01, 0.02]
    few = figures.per_class(["cat", "dog"], values, colours, "accuracy", {"glico": np.array([np.nan, np.nan])})
    assert few.data[0].error_y.array is None
