"""Limits of a visitor if the app is public."""

import os
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.session import bounds, public, uploads
from app.widgets import forms
from app.widgets.text import plain
from glico.config import ClassifyConfig, Config, ProjectConfig, TrainConfig
from glico.config.limits import LIMITS, limit
from glico.data.decision_file import Decided, freeze, store_decided
from glico.data.decisions import Decision
from glico.errors import GlicoError
from glico.places import HOME, SHIPPED, decisions_directory, uploads_directory
from glico.runs.folder import RunFolder
from glico.runs.kinds import KINDS

SECRET = "the first line of a file of the machine's"
FORMS: tuple[type[Config], ...] = (TrainConfig, ClassifyConfig, ProjectConfig)
HARMLESS = {"seed", "holdout", "drawn_from", "components", "neighbours", "perceptual_layers", "guesses"}


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The session of a visitor, whose runs are made but not started."""
    session: dict[str, list[str]] = {}
    monkeypatch.setenv("GLICO_PUBLIC", "1")
    monkeypatch.setattr(public.st, "session_state", session)
    monkeypatch.setattr(public, "ledger", public._Ledger())
    monkeypatch.setattr(public.launching, "launch", RunFolder.create)
    return session


def train(**settings: Any) -> TrainConfig:
    return TrainConfig(samples_per_class=2, **settings)


def test_address_starts_few_runs_a_day(visitor: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds across sessions."""
    monkeypatch.setenv("GLICO_LIMIT_VISITOR_RUNS", "6")
    others = RunFolder.create(train(seed=99))
    assert not public.is_own(others)
    for seed in range(6):
        assert public.is_own(public.launch(train(seed=seed)))
    with pytest.raises(GlicoError, match="6 runs were started today"):
        public.launch(train(seed=100))
    visitor.clear()  # the page is loaded anew
    with pytest.raises(GlicoError, match="6 runs were started today"):
        public.launch(train(seed=100))
    entries = public.ledger.started["this machine"]
    public.ledger.started["this machine"] = [(began - public.DAY, run) for began, run in entries]
    assert public.launch(train(seed=100)).id in visitor[public.STARTED]


def test_a_run_that_could_not_start_does_not_count(
    visitor: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLICO_LIMIT_VISITOR_RUNS", "1")

    def fail(config: TrainConfig) -> RunFolder:
        raise GlicoError("no")

    with monkeypatch.context() as failing:
        failing.setattr(public.launching, "launch", fail)
        for _ in range(3):
            with pytest.raises(GlicoError, match="no"):
                public.launch(train())
    public.launch(train())


def test_all_visitors_together_fill_a_queue_of_bounded_length(
    visitor: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLICO_LIMIT_VISITOR_QUEUE", "2")
    alive = [type("Run", (), {"state": type("State", (), {"alive": True})})] * 2
    monkeypatch.setattr(public, "list_runs", lambda: alive)
    with pytest.raises(GlicoError, match="2 runs are running or queued"):
        public.launch(train())


def test_only_visitors_run_is_stopped_after_its_minutes(visitor: dict[str, list[str]]) -> None:
    """Runs that no visitor started continue."""
    theirs, own = public.launch(train(seed=1)), RunFolder.create(train(seed=2))
    for folder in (theirs, own):
        from dataclasses import replace

        from glico.runs.lock import Lock
        from glico.runs.writing import RunWriter

        lock = Lock.acquire(folder.file("lock"))
        assert lock is not None
        RunWriter(folder, lock).write_state(replace(folder.state, status="running", started=time.time() - 3600))
    public.sweep()
    assert theirs.cancel_requested
    assert not own.cancel_requested


# -- a visitor reads no file of the server


def paths_of(model: type[Config]) -> list[str]:
    """The fields of a form that take a path, by the schema."""
    return [name for name in model.names() if model.describe(name).names_file]


def test_every_file_field_is_marked() -> None:
    """By the schema alone: a field that is added is covered by itself."""
    for kind in KINDS.values():
        assert set(kind.inputs) <= set(paths_of(kind.config))


@pytest.mark.parametrize("model", FORMS)
def test_visitors_form_names_no_file(
    visitor: object, model: type[Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No visitor's form becomes a configuration that names a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").write_text(SECRET)
    needed = {"checkpoint": str(SHIPPED / "digits-glico.safetensors")} if model is ClassifyConfig else {}
    assert forms.validated(model, needed)
    for name in paths_of(model):
        assert bounds.withheld(model.describe(name))
        for value in ("here", str(tmp_path / "here"), "~/x", "../here", "/etc/passwd", "C:\\x", "/dev/zero", "a\0b"):
            with pytest.raises(GlicoError, match="cannot name files of this machine"):
                forms.validated(model, {**needed, name: value})


def test_text_that_names_no_file_is_refused_if_it_is_a_path(visitor: object) -> None:
    """A field of free text is either withheld from visitors, or its validator takes no path."""
    texts = {"value_range": ("percentiles", "0:4095"), "groups": ("folder", "duplicates", "column:plant")}
    for name, values in texts.items():
        assert not bounds.withheld(TrainConfig.describe(name))
        for value in values:
            assert forms.validated(TrainConfig, {name: value})
        for value in ("here", "~/x", "../here", "/etc/passwd", "C:\\x", "/dev/zero", "a\0b"):
            with pytest.raises(GlicoError):
                forms.validated(TrainConfig, {name: value})


def test_a_visitor_cannot_hand_in_a_regular_expression(visitor: object) -> None:
    with pytest.raises(GlicoError, match="cannot be a pattern for a visitor"):
        forms.validated(TrainConfig, {"groups": "name:(a+)+$"})


def test_what_the_pages_offer_is_named_by_a_visitor(visitor: object) -> None:
    upload = str(uploads_directory() / "0" / "birds.zip")
    assert forms.validated(TrainConfig, {"dataset": upload}).dataset == upload
    assert forms.validated(TrainConfig, {"dataset": "digits"})
    for value in (str(SHIPPED / "digits-glico.safetensors"), str(Path("runs") / "x")):
        with pytest.raises(GlicoError, match="cannot name files"):
            forms.validated(TrainConfig, {"dataset": value})


@pytest.mark.parametrize(("view", "model"), [("train", TrainConfig), ("classify", ClassifyConfig)])
def test_no_page_shows_visitors_the_machines_files(
    view: str, model: type[Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a page's state says, and with every preview and estimate: that state comes from the visitor."""
    (tmp_path / "secret.txt").write_text(SECRET)
    read: list[str] = []
    import sys

    sys.addaudithook(lambda event, arguments: read.append(str(arguments[0])) if event == "open" and armed else None)
    armed = False
    monkeypatch.setenv("GLICO_PUBLIC", "1")
    page = AppTest.from_file(str(HOME / "streamlit_app.py"), default_timeout=120)
    page.switch_page(f"app/views/{view}.py")
    for name in paths_of(model):
        page.session_state[f"{view}_{name}"] = str(tmp_path / "secret.txt")
    page.session_state["train_source"], page.session_state["train_path"] = "a folder or file", str(tmp_path)
    armed = True
    page.run()
    armed = False
    drawn = {element.key for kind in ("text_input", "toggle") for element in page.get(kind)}
    assert not drawn & {f"{view}_{name}" for name in (*paths_of(model), "download")}
    assert SECRET not in "".join(str(element.value) for element in [*page.error, *page.caption, *page.markdown])
    assert not any("secret.txt" in name for name in read)
    assert any("This server is shared." in caption.value for caption in page.caption)


# -- what a visitor's run may take


def test_visitors_numbers_are_bounded(visitor: object) -> None:
    """By the schema alone: a number that is added has a bound, or is said to be harmless."""
    for model in FORMS:
        for name in model.names():
            facts = model.describe(name)
            if facts.kind is int and (facts.high is None or facts.high > 16) and name not in HARMLESS:
                most = limit(bounds.MOST[name])
                assert bounds.fault(name, most + 1), name
                assert not bounds.fault(name, most), name
                assert facts.default is None or not bounds.fault(name, facts.default), name


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 10_000_000}, "Steps: must be at most 5000 for a visitor, not 10000000"),
        ({"resolution": 256}, "Resolution: must be at most 64"),
        ({"generator_width": 256}, "Generator width: must be at most 64"),
        ({"weak_classifier": "wideresnet-1000-10"}, "Weak classifier: must have at most 32 layers and width 2"),
        ({"weak_classifier": "resnet110"}, "Weak classifier: must have at most 32 layers"),
        ({"weak_classifier": "wideresnet-16-3"}, "Weak classifier: must have at most 32 layers and width 2"),
        ({"download": True}, "Visitors cannot download data sets"),
        ({"dataset": "cub200"}, "Resolution: choose at most 64 pixels"),
    ],
)
def test_what_would_take_hours_is_refused_in_one_sentence(
    visitor: object, settings: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GlicoError, match=words):
        forms.validated(TrainConfig, settings)
    with pytest.raises(GlicoError, match=words):
        public.launch(TrainConfig(**settings))
    monkeypatch.delenv("GLICO_PUBLIC")
    assert forms.validated(TrainConfig, settings), "the owner is held back by nothing"


def test_a_visitor_exports_and_uploads_less_than_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    lower = {name for name, result in LIMITS.items() if result.public is not None}
    assert {"export_mib", "film_megapixels", "generated_megapixels", "session_mib", "uploads_mib"} <= lower
    before = {name: limit(name) for name in lower}
    monkeypatch.setenv("GLICO_PUBLIC", "1")
    assert all(limit(name) < before[name] for name in lower)


# -- the rest


def test_a_visitor_reads_no_paths(visitor: object) -> None:
    message = (
        "/srv/app/runs/birds 1.npz: not found below '/home/teacher/data set', C:\\Users\\me\\x.pth or ~/a/b; 3/4 of 1/2"
    )
    read = public.without_paths(message)
    assert not any(part in read for part in ("srv", "runs", "home", "teacher", "Users"))
    assert read.startswith("birds 1.npz: not found below 'data set'")
    assert "3/4 of 1/2" in read
    assert "teacher" not in plain(message)


def test_uploads_go_after_a_day(visitor: object) -> None:
    old, new = (uploads.store(name, BytesIO(name.encode())) for name in ("old.zip", "new.zip"))
    for path, age in ((old, public.DAY + 60), (new, public.DAY - 60)):
        os.utime(path, (time.time() - age,) * 2)
    public.sweep()
    assert not old.exists()
    assert new.exists()


def test_tables_of_decisions_that_no_run_names_go_after_a_day(visitor: object) -> None:
    """Those of runs stay, and so do the decisions themselves and today's tables."""
    paths = [freeze("digits", [Decision(str(i), "7", "train", "relabel")]) for i in range(3)]
    store_decided("digits", "digits", Decided().decide([Decision("1", "7", "train", "relabel")]))
    own = decisions_directory() / "digits" / "decisions.csv"
    RunFolder.create(train().model_copy(update={"decisions": str(paths[0])}))
    for path in (paths[0], paths[1], own):
        os.utime(path, (time.time() - public.DAY - 60,) * 2)
    public.sweep()
    assert [path.exists() for path in (*paths, own)] == [True, False, True, True]


def test_the_owner_is_held_back_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public.launching, "launch", RunFolder.create)
    uploads_directory().mkdir(parents=True)
    old = uploads_directory() / "old.zip"
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    public.sweep()
    assert old.exists()
    assert public.is_own(public.launch(train()))
    assert public.without_paths("/a/b/c") == "/a/b/c"


def test_train_page_offers_visitors_no_folder_and_no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    for visited, offered in (("0", True), ("1", False)):
        monkeypatch.setenv("GLICO_PUBLIC", visited)
        page = AppTest.from_file(str(HOME / "streamlit_app.py"), default_timeout=120)
        page.switch_page("app/views/train.py").run()
        assert not page.exception
        (source,) = (each for each in page.get("button_group") if each.proto.id.endswith("train_source"))
        options = [option.content for option in source.proto.options]
        assert any("folder" in option for option in options) == offered
        assert ("cub200" in options) == offered, "it is not on this machine"
