"""app: open the app, by Streamlit."""

import argparse
import os
import runpy
import sys

from glico.cli.outcome import Outcome
from glico.places import HOME


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command line does not know goes to Streamlit."""
    parser.usage = "glico app [-h] [--public] [options of streamlit run, for example --server.port 8502]"
    parser.add_argument(
        "--public", action="store_true",
        help="serve it to a class: on every network interface, with few runs per visitor, no paths shown and "
        "nothing deleted",
    )  # fmt: skip
    parser.set_defaults(further=[])


def run(arguments: argparse.Namespace) -> Outcome:
    """Serve the app until it is stopped; Streamlit then ends the process."""
    options = []
    if arguments.public:
        os.environ["GLICO_PUBLIC"] = "1"
        everyone = "0.0.0.0"  # --public asks for it # nosec B104
        options = ["--server.address", everyone, "--server.maxUploadSize", "100", "--server.headless", "true"]
    sys.argv = ["streamlit", "run", str(HOME / "streamlit_app.py"), *options, *arguments.further]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return Outcome("", {})
