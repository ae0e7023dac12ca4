"""The choice of where a command executes its runs: on this machine, or on a Ray cluster."""

import argparse
from collections.abc import Sequence

from glico.cli.following import showing, start_all
from glico.cli.outcome import BadArguments
from glico.config import RunConfig
from glico.runs.folder import RunFolder


def add_backend(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose where runs are executed."""
    group = parser.add_argument_group("Backend")
    group.add_argument(
        "--on",
        default="local",
        metavar="BACKEND",
        type=_backend,
        help="local: this machine; ray: the Ray cluster that it belongs to; ray://HOST:PORT: the cluster at that "
        "address. All nodes of a cluster must see GLICO_RUNS and the data at the same paths [default local]",
    )
    group.add_argument(
        "--gpu-share",
        default=1.0,
        metavar="X",
        type=_share,
        help="share of a GPU per run on Ray; with 0.5, two runs share a GPU [above 0 and at most 1; default 1]",
    )


def do_all(configs: Sequence[RunConfig], arguments: argparse.Namespace) -> list[RunFolder]:
    """Execute a run for each configuration on the chosen backend and, unless detached, wait for all."""
    if arguments.on == "local":
        return start_all(configs, arguments)
    from glico.runs.ray_backend import run_on_ray

    if arguments.detach:
        raise BadArguments("--detach cannot be used with --on ray: Ray cancels a command's runs when it exits.")
    folders = [RunFolder.for_config(config) for config in configs]
    for folder in folders if arguments.restart else ():
        if folder.path.exists():
            folder.delete()
    address = None if arguments.on == "ray" else arguments.on
    with showing(folders, folders) as progress:
        run_on_ray(folders, configs, address, arguments.gpu_share, progress)
    return folders


def _backend(text: str) -> str:
    if text not in ("local", "ray") and not text.startswith("ray://"):
        raise argparse.ArgumentTypeError(f"must be local, ray or ray://HOST:PORT, not {text}")
    return text


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most 1, not {text}")
    return share
