"""What Linux says of a process: its children, its memory, its time."""

import os
from pathlib import Path


def child(named: bytes) -> int:
    """The number of this process's child that has this in its command line. Raises RuntimeError if there is none."""
    for task in Path("/proc/self/task").iterdir():
        for number in (task / "children").read_text().split():
            if named in Path(f"/proc/{number}/cmdline").read_bytes():
                return int(number)
    raise RuntimeError(f"No child of this process has {named.decode()} in its command line.")


def resident(process: int) -> int:
    """Bytes of memory that the process holds."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def processor_seconds(process: int) -> float:
    """Seconds of processor time that the process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
