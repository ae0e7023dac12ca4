"""app: open the app, by Streamlit."""

import argparse
import os
import runpy
import socket
import sys

from glico.cli.outcome import Outcome
from glico.places import HOME


def configure(parser: argparse.ArgumentParser) -> None:
    """Add --public; unknown options are passed to Streamlit."""
    parser.usage = "glico app [-h] [--public] [--host NAME] [options of streamlit run, for example --server.port 8502]"
    parser.add_argument(
        "--public",
        action="store_true",
        help="serve it to a class: on every network interface, with few runs per visitor, no paths shown and "
        "nothing deleted",
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name that the app is served under, such as that of a proxy; this machine's addresses are "
        "accepted anyway",
    )
    parser.set_defaults(further=[])


def run(arguments: argparse.Namespace) -> Outcome:
    """Serve the app until it is stopped; Streamlit then ends the process."""
    # Streamlit would ask a server on the internet for this machine's address, to print it.
    options = ["--browser.serverAddress", "localhost"]
    if arguments.host:
        os.environ["GLICO_HOSTS"] = ",".join(arguments.host)
    if arguments.public:
        os.environ["GLICO_PUBLIC"] = "1"
        everyone = "0.0.0.0"  # for --public # nosec B104
        options = ["--browser.serverAddress", _own_address(), "--server.address", everyone]
        options += ["--server.maxUploadSize", "100", "--server.headless", "true"]
        # An error that nobody foresaw shows no paths, and a connection holds no more than this.
        options += ["--client.showErrorDetails", "none", "--server.maxMessageSize", "100"]
    sys.argv = ["streamlit", "run", str(HOME / "streamlit_app.py"), *options, *arguments.further]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return Outcome("", {})


def _own_address() -> str:
    """Return the address of this machine in its network, or "localhost" without a network. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 1))  # an unused address
            return str(probe.getsockname()[0])
        except OSError:
            return "localhost"
