"""The data that the components of a page under test got."""

import json
import time

from streamlit.testing.v1 import AppTest


def all_data(app: AppTest) -> list[tuple[str, dict]]:
    """Name and data of every component on the page, in its order."""
    protos = [each.proto for each in app.get("bidi_component")]
    return [(proto.component_name, json.loads(proto.bytes or proto.json or "null")) for proto in protos]


def complete(app: AppTest) -> AppTest:
    """The page run once its latent maps count as drawn, for which the rest of it waits."""
    app.session_state["latent_map_drawn"] = True
    return app.run()


def data_of(app: AppTest, component: str) -> list[dict]:
    """The data of every component of this name."""
    return [data for name, data in all_data(app) if name == component]


def estimated(app: AppTest) -> AppTest:
    """The page once it says how long its runs would take, which a process of its own finds out."""
    deadline = time.monotonic() + 100
    while not any("on this machine" in element.value for element in app.markdown):
        assert time.monotonic() < deadline, "no estimate"
        time.sleep(0.5)
        app.run()
    return app
