"""Load test: many sessions open and drag maps while two trainings run.

    python -m benchmarks.sessions [--sessions 50] [--rounds 2] [--reloads 200] [--trainings 2] [--json]

A session does what a browser does to the server: over a WebSocket it requests pages in Streamlit's protocol, lists the
messages that it already has, and answers a component. Each session opens a map and selects on it, goes to Interpolate
with two images of its choice, releases t twice, and starts again with another pair of checkpoints. It waits 1 to 3 s
before each act. The time of an act is that from the request to the end of the script. It does not include the page and
its scripts, which a browser fetches once by HTTP. Memory is the server's resident set, from Linux's /proc.

First, some visits fill the caches. Then come the reloads, one after another, with the memory before and after them, and
then all sessions together. An error is an error on a page, a failed script or a lost connection.
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
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
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

T = TypeVar("T")

PAIRS = ("digits", "cifar10")  # the shipped checkpoints NAME-glo and NAME-glico
LOOKING = (1.0, 3.0)  # seconds
ARRIVING = 5.0  # seconds within which all sessions start
FILLED = 60  # visits that fill the caches
PATIENCE = 120.0  # seconds until a page counts as lost
FORGOTTEN = 125.0  # seconds until Streamlit discards a closed session
EVENTS_OF = "$$STREAMLIT_INTERNAL_KEY"  # prefix of Streamlit's name for a component's events
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


def run_visits(visits: Coroutine[Any, Any, T]) -> T:
    """Run `visits` in a thread of its own and return its result: the caller's thread may have a running event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, visits).result()


class Session:
    """One visitor: the parts of the open page that it needs, and the seconds of each act, by name."""

    def __init__(self, address: str) -> None:
        self.address = address.replace("http", "ws") + "/_stcore/stream"
        self.held: set[str] = set()  # hashes of the messages that it already has
        self.components: dict[str, tuple[str, str]] = {}  # name -> id and fragment
        self.states: dict[str, dict[str, Any]] = {}  # component id -> state
        self.buttons: dict[str, str] = {}  # label -> id
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        self.query = self.page = self.id = ""
        self.awaited = False  # the rest of the page waits until the maps are drawn

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
        """Open another page, or the same at another address."""
        self.page, self.query = page, urlencode(query)
        await self._rerun(act)

    async def open_maps(self, pair: str) -> None:
        """Open the latent map of a pair and, like a browser, report that it is drawn if the page waits for that."""
        self.awaited = False
        await self.open("map", "", checkpoint=f"{pair}-glico", beside=f"{pair}-glo")
        if self.awaited:
            name, fragment = self.components["latent_map"]
            await self._rerun("map, the rest of the page", fragment, drawn=f"{EVENTS_OF}_{name}__events")

    async def drag(self, act: str, component: str, state: dict[str, Any]) -> None:
        """Release a control of a component, which sends its state to Python."""
        if component not in self.components:
            self.errors.append(f"{act}: there is no {component}")
            return
        name, fragment = self.components[component]
        self.states.setdefault(name, {}).update(state)
        await self._rerun(act, fragment)

    async def press(self, act: str, button: str) -> None:
        """Click a button."""
        if button not in self.buttons:
            self.errors.append(f"{act}: there is no button {button}, but {', '.join(self.buttons)}")
            return
        await self._rerun(act, pressed=self.buttons[button])

    async def _rerun(self, act: str, fragment: str = "", pressed: str = "", drawn: str = "") -> None:
        message = BackMsg()
        request = message.rerun_script
        request.query_string, request.page_name, request.fragment_id = self.query, self.page, fragment
        request.cached_message_hashes.extend(self.held)
        for name, state in self.states.items():
            widget = request.widget_states.widgets.add()
            widget.id, widget.json_value = name, json.dumps(state)
        if pressed:
            widget = request.widget_states.widgets.add()
            widget.id, widget.trigger_value = pressed, True
        if drawn:
            widget = request.widget_states.widgets.add()
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
            elif kind == "new_session":
                self.id = message.new_session.initialize.session_id
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
    """Act as one visitor."""
    await asyncio.sleep(rng.uniform(0, ARRIVING))
    async with session:
        for turn in range(rounds):
            pair = PAIRS[(turn + rng.randrange(len(PAIRS))) % len(PAIRS)]
            chosen: dict[str, object] = {"checkpoint": f"{pair}-glico"}
            await session.open_maps(pair)
            await asyncio.sleep(rng.uniform(*LOOKING))
            a, b = rng.sample(range(images[pair]), 2)
            await session.drag("map, selection", "latent_map", {"choice": map_choice(a, b)})
            await asyncio.sleep(rng.uniform(*LOOKING))
            await session.open("interpolate", "interpolate", **chosen, a=a, b=b)
            for _ in range(2):
                await asyncio.sleep(rng.uniform(*LOOKING))
                await session.drag("interpolate, t released", "scrubber", {"t": round(rng.random(), 3)})
            await asyncio.sleep(rng.uniform(*LOOKING))


def map_choice(a: int, b: int) -> dict[str, Any]:
    """Return the state that the map sends after A and B are chosen."""
    return {
        "hidden": [],
        "thumbnails": False,
        "neighbours": 0,
        "a": a,
        "b": b,
        "selected": f"{a}",
        "mode": "map",
        "at": 1,
        "colour": "",
    }


@contextmanager
def training(count: int) -> Iterator[None]:
    """Keep ``count`` trainings running, one core each."""
    folders: list[RunFolder] = []
    try:
        configs = [TrainConfig(dataset="digits", seed=seed, steps=1_000_000, device="cpu") for seed in range(count)]
        folders += map(launch, configs)
        deadline = time.monotonic() + PATIENCE
        while any(folder.state.step == 0 for folder in folders):
            if time.monotonic() > deadline:
                raise GlicoError("The trainings did not start.")
            time.sleep(0.2)
        yield
        if not all(folder.state.status == "running" for folder in folders):
            raise GlicoError("A training ended before the sessions did.")
    finally:
        stop(folders)


async def reload(address: str, count: int) -> list[str]:
    """Visit a map and a path ``count`` times, one after another. Return the errors."""
    errors: list[str] = []
    for number in range(count):
        pair = PAIRS[number % len(PAIRS)]
        async with Session(address) as session:
            await session.open_maps(pair)
            await session.open("interpolate", "interpolate", checkpoint=f"{pair}-glico", a=0, b=1 + number % 90)
        errors += session.errors
    return errors


async def together(address: str, count: int, rounds: int, seed: int) -> list[Session]:
    """Run ``count`` visitors at once."""
    images = {pair: len(Checkpoint.load(SHIPPED / f"{pair}-glico.safetensors").labels) for pair in PAIRS}
    sessions = [Session(address) for _ in range(count)]
    await asyncio.gather(
        *(visit(session, random.Random(f"{seed} {i}"), rounds, images) for i, session in enumerate(sessions))
    )
    return sessions


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the figures by name."""
    with tempfile.TemporaryDirectory() as place:
        places = {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": f"{place}/cache", "OMP_NUM_THREADS": "1"}
        os.environ |= places
        log = Path(place) / "log"
        with serving(log, **places) as address:
            server = child(b"streamlit")
            errors = run_visits(reload(address, 2 * len(PAIRS)))
            memory = {"first pages": resident(server)}
            errors += run_visits(reload(address, FILLED))
            memory["before the reloads"] = resident(server)
            errors += run_visits(reload(address, arguments.reloads))
            memory["after the reloads"] = resident(server)
            with training(arguments.trainings):
                load = os.getloadavg()[0]
                sessions = run_visits(together(address, arguments.sessions, arguments.rounds, arguments.seed))
            memory["after the sessions"] = resident(server)
            time.sleep(FORGOTTEN)
            errors += run_visits(reload(address, 1))
            memory["after they are discarded"] = resident(server)
    errors += [error for session in sessions for error in session.errors]
    acts = list(dict.fromkeys(act for session in sessions for act in session.times))
    times = {act: [t for session in sessions for t in session.times[act]] for act in acts}
    times["all"] = [t for values in times.values() for t in values]
    pages = {
        act: {
            "count": len(values),
            "median": statistics.median(values),
            "95th percentile": percentile(values, 0.95),
            "longest": max(values),
        }
        for act, values in times.items()
    }
    return {
        "sessions": arguments.sessions,
        "load before them": load,
        "errors": errors,
        "seconds": pages,
        "memory": memory,
    }


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sessions", type=int, default=50, help="visitors at once [default 50]")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each visitor [default 2]")
    parser.add_argument("--reloads", type=int, default=200, help="visits before the sessions [default 200]")
    parser.add_argument("--trainings", type=int, default=2, help="trainings that run meanwhile [default 2]")
    parser.add_argument("--seed", type=int, default=0, help="seed of the visitors' choices [default 0]")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    result = measure(arguments)
    if arguments.json:
        print(json.dumps(result))
        return
    print("| act | times | median, s | 95th percentile, s | longest, s |\n| --- | --- | --- | --- | --- |")
    for act, row in result["seconds"].items():
        print(f"| {act} | {row['count']} | {row['median']:.2f} | {row['95th percentile']:.2f} | {row['longest']:.2f} |")
    print(f"\n{len(result['errors'])} errors; load before the sessions {result['load before them']:.1f}")
    for error in sorted(set(result["errors"])):
        print(f"  {error[:200]}")
    print(
        "Memory of the server: "
        + ", ".join(f"{value / 2**20:.0f} MiB {when}" for when, value in result["memory"].items())
    )


if __name__ == "__main__":
    main()
