"""umap-learn, with what Numba compiles for it kept on disk: once for a machine, not in every process anew."""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from glico.places import cache_directory

COMPILED = ("umap-learn", "pynndescent", "numba")


def compiled_directory() -> Path:
    """Where the compiled functions lie: ``$NUMBA_CACHE_DIR``, else a folder of the cache for these versions."""
    own = cache_directory() / "numba" / "-".join(version(name) for name in COMPILED)
    return Path(os.environ.get("NUMBA_CACHE_DIR", own))


def load_umap() -> ModuleType:
    """The package ``umap``, all of whose compiled functions are cached on disk; umap-learn itself caches only some.

    To be called before anything else imports Numba, which reads its settings once.
    """
    os.environ["NUMBA_CACHE_DIR"] = str(compiled_directory())
    import umap
    from numba.core.registry import CPUDispatcher

    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("umap", "pynndescent"):
            for function in vars(module).values():
                if isinstance(function, CPUDispatcher):
                    function.enable_caching()
    return umap
