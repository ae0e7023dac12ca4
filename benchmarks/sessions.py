"""What a class costs the app's server: many sessions that open maps and drag, while two trainings work beside it.

    python -m benchmarks.sessions [--sessions 50] [--rounds 2] [--reloads 200] [--trainings 2] [--json]

A session is what a browser is to the server: a WebSocket that asks for pages in Streamlit's protocol, tells which
messages it holds already, and answers a component. Each opens a map and rests the hand on it, goes to Interpolate
with two images of its own choice and lets go of t twice, and begins again with another pair of checkpoints; 1 to 3 s
of looking lie before each act. A page's time is that from asking to the script's end. The page itself and its scripts,
which a browser fetches once by HTTP, are not part of it. Memory is the server's resident set, of Linux's /proc.

The order: as many visits as fill the caches; then the reloads, one after another, with the memory before and after
them; then the sessions together. An error is a page that shows one, a script that fails, a connection that is lost.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.browser import serving
from benchmarks.processes import child, resident
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.places import SHIPPED
from glico.runs.folder import RunFolder
from glico.runs.launch import launch, stop

PAIRS = ("digits", "cifar10")  # of shipped checkpoints: NAME-glo beside NAME-glico
LOOKING = (1.0, 3.0)  # seconds
ARRIVING = 5.0  # seconds within which all sessions come
FILLED = 60  # visits after which the caches are full
PATIENCE = 120.0  # seconds until a page counts as lost
FORGOTTEN = 125.0  # seconds until Streamlit lets go of a session that has left
EVENTS_OF = "$$STREAMLIT_INTERNAL_KEY"  # what Streamlit calls a component's events begins with this
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Session:
    """One visitor: what it sees of the page that is open, and how long each act took, by the act's name."""

    def __init__(self, address: str) -> None:
        self.address = address.replace("http", "ws") + "/_stcore/stream"
        self.held: set[str] = set()  # hashes of the messages that it would not need again
        self.components: dict[str, tuple[str, str]] = {}  # by name: id, and the fragment that it is in
        self.states: dict[str, dict[str, Any]] = {}  # of components, by id
        self.buttons: dict[str, str] = {}  # ids, by what stands on them
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        self.query = self.page = ""
        self.awaited = False  # whether the page waits for the maps to be drawn

    async def __aenter__(self) -> "Session":
        self.socket: ClientConnection = await connect(
            self.address,
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            open_timeout=PATIENCE,
            ping_interval=None,
        )
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.socket.close()

    async def open(self, act: str, page: str, **query: object) -> None:
        """Another page, or the same at another address."""
        self.page, self.query = page, urlencode(query)
        await self._rerun(act)

    async def open_maps(self, pair: str) -> None:
        """The latent map of a pair; a browser that has drawn it says so where the rest of the page waits for that."""
        self.awaited = False
        await self.open("map", "", checkpoint=f"{pair}-glico", beside=f"{pair}-glo")
        if self.awaited:
            name, fragment = self.components["latent_map"]
            await self._rerun("map, the rest of the page", fragment, drawn=f"{EVENTS_OF}_{name}__events")

    async def drag(self, act: str, component: str, state: dict[str, Any]) -> None:
        """Let go of something in a component: its state goes to Python."""
        if component not in self.components:
            self.errors.append(f"{act}: there is no {component}")
            return
        name, fragment = self.components[component]
        self.states.setdefault(name, {}).update(state)
        await self._rerun(act, fragment)

    async def press(self, act: str, button: str) -> None:
        """Click a button of the page."""
        if button not in self.buttons:
            self.errors.append(f"{act}: there is no button {button}, but {', '.join(self.buttons)}")
            return
        await self._rerun(act, pressed=self.buttons[button])

    async def _rerun(self, act: str, fragment: str = "", pressed: str = "", drawn: str = "") -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name, asked.fragment_id = self.query, self.page, fragment
        asked.cached_message_hashes.extend(self.held)
        for name, state in self.states.items():
            widget = asked.widget_states.widgets.add()
            widget.id, widget.json_value = name, json.dumps(state)
        if pressed:
            widget = asked.widget_states.widgets.add()
            widget.id, widget.trigger_value = pressed, True
        if drawn:
            widget = asked.widget_states.widgets.add()
            widget.id, widget.json_trigger_value = drawn, json.dumps([{"event": "drawn", "value": True}])
        start = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                await self.socket.send(message.SerializeToString())
                await self._until_finished(act)
        except (TimeoutError, OSError) as error:
            self.errors.append(f"{act}: {error!r}")
        self.times[act].append(time.perf_counter() - start)

    async def _until_finished(self, act: str) -> None:
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self.socket.recv(decode=False))
            if message.metadata.cacheable:
                self.held.add(message.hash)
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._see(act, message.delta.new_element, message.delta.fragment_id)
            elif kind == "script_finished":
                if message.script_finished in FINISHED:
                    return
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    self.errors.append(f"{act}: the script does not compile")
                    return

    def _see(self, act: str, element: Any, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "bidi_component":
            self.components[element.bidi_component.component_name] = element.bidi_component.id, fragment
            if element.bidi_component.component_name == "latent_map":
                self.awaited = json.loads(element.bidi_component.bytes)["awaited"]
        elif kind == "button":
            self.buttons[element.button.label] = element.button.id
        elif kind == "exception":
            self.errors.append(f"{act}: {element.exception.type} {element.exception.message}")
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self.errors.append(f"{act}: {element.alert.body}")


async def visit(session: Session, rng: random.Random, rounds: int, images: dict[str, int]) -> None:
    """What one visitor does."""
    await asyncio.sleep(rng.uniform(0, ARRIVING))
    async with session:
        for turn in range(rounds):
            pair = PAIRS[(turn + rng.randrange(len(PAIRS))) % len(PAIRS)]
            chosen: dict[str, object] = {"checkpoint": f"{pair}-glico"}
            await session.open_maps(pair)
            await asyncio.sleep(rng.uniform(*LOOKING))
            a, b = rng.sample(range(images[pair]), 2)
            await session.drag("map, hand at rest", "latent_map", {"choice": map_choice(a, b)})
            await asyncio.sleep(rng.uniform(*LOOKING))
            await session.open("interpolate", "interpolate", **chosen, a=a, b=b)
            for _ in range(2):
                await asyncio.sleep(rng.uniform(*LOOKING))
                await session.drag("interpolate, t let go", "scrubber", {"t": round(rng.random(), 3)})
            await asyncio.sleep(rng.uniform(*LOOKING))


def map_choice(a: int, b: int) -> dict[str, Any]:
    """What the map tells when a hand has chosen A and B."""
    return {
        "hidden": [], "thumbnails": False, "neighbours": 0, "a": a, "b": b, "selected": f"{a}", "mode": "map",
        "at": 1, "colour": "",
    }  # fmt: skip


@contextmanager
def training(count: int) -> Iterator[None]:
    """So many trainings at work, a core each."""
    folders: list[RunFolder] = []
    try:
        configs = [TrainConfig(dataset="digits", seed=seed, steps=1_000_000, device="cpu") for seed in range(count)]
        folders += map(launch, configs)
        deadline = time.monotonic() + PATIENCE
        while any(folder.state.step == 0 for folder in folders):
            if time.monotonic() > deadline:
                raise GlicoError("The trainings have not begun.")
            time.sleep(0.2)
        yield
        if not all(folder.state.status == "running" for folder in folders):
            raise GlicoError("A training ended before the sessions did.")
    finally:
        stop(folders)


async def reload(address: str, count: int) -> list[str]:
    """So many visits of a map and a path, one after another; their errors."""
    errors: list[str] = []
    for number in range(count):
        pair = PAIRS[number % len(PAIRS)]
        async with Session(address) as session:
            await session.open_maps(pair)
            await session.open("interpolate", "interpolate", checkpoint=f"{pair}-glico", a=0, b=1 + number % 90)
        errors += session.errors
    return errors


async def together(address: str, count: int, rounds: int, seed: int) -> list[Session]:
    """So many visitors at once."""
    images = {pair: len(Checkpoint.load(SHIPPED / f"{pair}-glico.safetensors").labels) for pair in PAIRS}
    sessions = [Session(address) for _ in range(count)]
    await asyncio.gather(
        *(visit(session, random.Random(f"{seed} {i}"), rounds, images) for i, session in enumerate(sessions))
    )
    return sessions


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures, by their names."""
    with tempfile.TemporaryDirectory() as place:
        places = {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": f"{place}/cache", "OMP_NUM_THREADS": "1"}
        os.environ |= places
        log = Path(place) / "log"
        with serving(log, **places) as address:
            server = child(b"streamlit")
            errors = asyncio.run(reload(address, 2 * len(PAIRS)))
            memory = {"first pages": resident(server)}
            errors += asyncio.run(reload(address, FILLED))
            memory["before the reloads"] = resident(server)
            errors += asyncio.run(reload(address, arguments.reloads))
            memory["after the reloads"] = resident(server)
            with training(arguments.trainings):
                load = os.getloadavg()[0]
                sessions = asyncio.run(together(address, arguments.sessions, arguments.rounds, arguments.seed))
            memory["after the sessions"] = resident(server)
            time.sleep(FORGOTTEN)
            errors += asyncio.run(reload(address, 1))
            memory["when they are forgotten"] = resident(server)
    errors += [error for session in sessions for error in session.errors]
    acts = list(dict.fromkeys(act for session in sessions for act in session.times))
    times = {act: [t for session in sessions for t in session.times[act]] for act in acts}
    times["all"] = [t for values in times.values() for t in values]
    pages = {
        act: {"count": len(values), "median": statistics.median(values), "95th percentile": percentile(values, 0.95),
              "longest": max(values)}
        for act, values in times.items()
    }  # fmt: skip
    return {"sessions": arguments.sessions, "load before them": load, "errors": errors, "seconds": pages,
            "memory": memory}  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    """The smallest value that so large a share does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sessions", type=int, default=50, help="visitors at once [default 50]")
    parser.add_argument("--rounds", type=int, default=2, help="how often each begins again [default 2]")
    parser.add_argument("--reloads", type=int, default=200, help="visits before them [default 200]")
    parser.add_argument("--trainings", type=int, default=2, help="at work meanwhile [default 2]")
    parser.add_argument("--seed", type=int, default=0, help="of what the visitors choose [default 0]")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    found = measure(arguments)
    if arguments.json:
        print(json.dumps(found))
        return
    print("| act | times | median, s | 95th percentile, s | longest, s |\n| --- | --- | --- | --- | --- |")
    for act, row in found["seconds"].items():
        print(f"| {act} | {row['count']} | {row['median']:.2f} | {row['95th percentile']:.2f} | {row['longest']:.2f} |")
    print(f"\n{len(found['errors'])} errors; load before the sessions {found['load before them']:.1f}")
    for error in sorted(set(found["errors"])):
        print(f"  {error[:200]}")
    print(
        "Memory of the server: "
        + ", ".join(f"{value / 2**20:.0f} MiB {when}" for when, value in found["memory"].items())
    )


if __name__ == "__main__":
    main()
