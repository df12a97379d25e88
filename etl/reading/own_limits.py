"""What a child allows itself before it opens a stranger's file. Imports nothing but the standard library."""

import math
import resource
from pathlib import Path


def limit_self(max_seconds: int, max_memory_mb: int, *, max_written_bytes: int = 0) -> None:
    """Keep this process within its time, its memory, and what it may write to a file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_written_bytes, max_written_bytes))
    resource.setrlimit(resource.RLIMIT_AS, (max_memory_mb << 20, max_memory_mb << 20))
    limit_from_now(max_seconds)


def limit_from_now(max_seconds: int) -> None:
    """Die where more processor time than this is used from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    until = math.ceil(used.ru_utime + used.ru_stime) + max_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until if most == resource.RLIM_INFINITY else min(until, most), most))


def find_memory_held_mb() -> int:
    """Give the memory that this process holds. Not `ru_maxrss`: that counts what started it, a large parent, too."""
    _, pages, *_ = Path("/proc/self/statm").read_text("ascii").split()
    return int(pages) * resource.getpagesize() >> 20
