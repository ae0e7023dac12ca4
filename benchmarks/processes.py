"""Read the children, memory and CPU time of a process from Linux's /proc."""

import os
from pathlib import Path


def child(named: bytes) -> int:
    """Return the id of this process's child whose command line contains ``named``. Raises RuntimeError without one."""
    for task in Path("/proc/self/task").iterdir():
        for number in (task / "children").read_text().split():
            if named in Path(f"/proc/{number}/cmdline").read_bytes():
                return int(number)
    raise RuntimeError(f"No child of this process has {named.decode()} in its command line.")


def resident(process: int) -> int:
    """Return the resident memory of the process in bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def processor_seconds(process: int) -> float:
    """Return the CPU time of the process in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
