"""`app.py`, with each call of the network and each file that it touches beside its store written down.

Run as `python -m benchmarks.web_attacks.watched LOG SECRET FILES STORE [options of app.py]`: a line of LOG is what
happened and with what, in JSON. Python's audit hooks see it whatever library does it. FILES is how many descriptors
the server may have, 0 for as many as there are.
"""

import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

_NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND


def watch(log: Path, secret: Path, store: Path) -> None:
    """Begin to write down; what is written below the store or Gradio's own temporary folder is no news."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    own = (str(store), str(Path(tempfile.gettempdir()) / "article-qa-"), "/dev/", "/proc/", "/sys/")

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event in _NETWORK:
            told = [str(part) for part in given[1 if event in ("socket.connect", "socket.sendto") else 0 :]][:2]
            if event == "socket.connect" and isinstance(given[1], str | bytes):
                return  # a pipe between processes
        elif event == "open":
            path = os.fsdecode(given[0]) if isinstance(given[0], str | bytes) else ""
            writes = isinstance(given[2], int) and given[2] & _WRITING and path and not path.startswith(own)
            if not writes and path != str(secret):
                return
            told = ["write" if writes else "read", path]
        else:
            return
        os.write(file, json.dumps([event, *told]).encode() + b"\n")

    sys.addaudithook(hook)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    if files := int(sys.argv[3]):
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    watch(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[4]))
    from app import main

    sys.exit(main(["--store", *sys.argv[4:]]))
