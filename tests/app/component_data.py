"""What the components of a page under test were given."""

import json

from streamlit.testing.v1 import AppTest


def all_data(app: AppTest) -> list[tuple[str, dict]]:
    """Name and data of every component on the page, in its order."""
    given = [(each.proto.component_name, json.loads(each.proto.json)) for each in app.get("bidi_component")]
    return [(name, data[0] if isinstance(data, list) else data) for name, data in given]


def data_of(app: AppTest, component: str) -> list[dict]:
    """The data of every component of this name."""
    return [data for name, data in all_data(app) if name == component]
