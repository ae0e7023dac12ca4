"""The pages: their names, titles and icons, and how to go to one."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

VIEWS = Path(__file__).parent / "views"


@dataclass(frozen=True)
class Page:
    """A page is the script ``views/NAME.py``; visitors do not see one for ``owners``."""

    name: str
    title: str
    icon: str
    owners: bool = False

    @property
    def script(self) -> Path:
        return VIEWS / f"{self.name}.py"

    def open(self) -> None:
        """Go to this page now, which ends the run of the page's script."""
        st.switch_page(str(self.script))


LATENT_MAP = Page("latent_map", "Latent map", ":material/scatter_plot:")
INTERPOLATE = Page("interpolate", "Interpolate", ":material/linear_scale:")
TRAIN = Page("train", "Train", ":material/model_training:")
CLASSIFY = Page("classify", "Classify", ":material/category:")
RESULTS = Page("results", "Results", ":material/query_stats:")
CHECKPOINTS = Page("checkpoints", "Checkpoints", ":material/inventory_2:", owners=True)

PAGES = (LATENT_MAP, INTERPOLATE, TRAIN, CLASSIFY, RESULTS, CHECKPOINTS)  # in the order of the navigation
