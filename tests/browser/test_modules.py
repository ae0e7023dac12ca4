"""The bundler: in a browser the script does what its modules do, and unknown forms are refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from glico.web.modules import bundle

RUN = """async (text) => {
  window.ran = []
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  return { said: (await import(address)).default(), ran: window.ran }
}"""


def written(place: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (place / f"{name}.js").write_text(text)
    return place / "entry.js"


def test_each_module_runs_once_in_a_scope_of_its_own(tmp_path: Path, tab: Callable[..., Page]) -> None:
    entry = written(
        tmp_path,
        entry='import { ask as first } from "./first.js"\nimport {\n  ask,\n  Thing,\n} from "./second.js"\n'
        "const hidden = 3\nexport default function () {\n  return [first(), ask(), new Thing().name, hidden]\n}\n",
        first='import { clamp } from "glico/web/dom.js"\nwindow.ran.push("first")\nconst hidden = clamp(9, 0, 1)\n'
        "export function ask() {\n  return hidden\n}\n",
        second='import { ask as other } from "./first.js"\nwindow.ran.push("second")\nconst hidden = 2\n'
        'export const ask = () => hidden + other()\nexport class Thing {\n  name = "thing"\n}\n',
    )
    assert tab().evaluate(RUN, bundle(entry)) == {"said": [1, 3, "thing", 3], "ran": ["first", "second"]}


@pytest.mark.parametrize(
    ("entry", "other", "words"),
    [
        (
            'import { a } from "./other.js"\n',
            'import { b } from "./entry.js"\nexport const a = 1\n',
            "import each other",
        ),
        ('import { b } from "./other.js"\n', "export const a = 1\n", "which other.js does not export"),
        ('import * as all from "./other.js"\n', "export const a = 1\n", "does not know this form"),
        ('import { a } from "./other.js"\n', "export let a = 1\n", "does not know this form"),
        ('import { a } from "./other.js"\n', "export const a = 1\nexport { a as b }\n", "does not know this form"),
    ],
)
def test_unknown_forms_and_circles_are_refused(tmp_path: Path, entry: str, other: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bundle(written(tmp_path, entry=entry, other=other))
