"""What reading one file may cost. A worker process is held to it; whoever needs more changes these numbers.

Processor seconds, not those of a clock: a busy machine must not make a file unreadable.
"""

import math
import resource
import sys
import time
from pathlib import Path

# Measured of honest files: a PDF of 1,000 full pages (4 MB) 3 s and 0.1 GB, a web page of 16 MB 4 s and 0.4 GB, a Word
# document of 68 million characters (22 MB) 10 s and 0.5 GB, plain text of 44 MB 0.6 s and 0.2 GB.
SECONDS = 20  # for any file
SECONDS_PER_MB = 10  # of its size on disk, on top
ARCHIVE_SECONDS = 300  # for all members of a .zip together, each of which has the bounds of a file
LOST_MEMBERS = 20  # that may break off the reading of one .zip before the rest is given up
# Seconds of the clock for each of the processor's, before a worker that does not even compute is given up.
PATIENCE = 10

MEMORY_BYTES = 2 << 30  # of address space, the interpreter's own 0.1 GB included
RENEW_BYTES = MEMORY_BYTES // 4  # a worker that once held so much makes way for a fresh one
MAX_ARTICLE_BYTES = 100_000_000  # of one article's text and metadata in UTF-8
MAX_OUTPUT_CHARACTERS = 2_000_000_000  # of all the articles in one file
MAX_WRITTEN_BYTES = 4 << 20  # of any file that a parser writes: what the interpreter caches of modules, no more


def seconds_for(size: int) -> int:
    """The processor seconds for a file, or a member of an archive, of `size` bytes."""
    return SECONDS + math.ceil(size / 1_000_000 * SECONDS_PER_MB)


def confine() -> None:
    """Bound this process's memory and what it writes, for good."""
    for name, most in (("AS", MEMORY_BYTES), ("FSIZE", MAX_WRITTEN_BYTES), ("CORE", 0)):
        kind = getattr(resource, f"RLIMIT_{name}")
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS has no bound on address space
            continue


def confine_seconds(seconds: float) -> None:
    """Have the kernel end this process after `seconds` more of processor time, whatever it does then."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), most))


def peak_bytes() -> int:
    """The most memory that this process has held; what its owner holds is not counted."""
    if sys.platform == "linux":  # ru_maxrss starts from the memory of the process that this one was started by
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
