"""Somebody who wants to sign in, again and again: how long the form takes to come.

A process of its own, so that what else attacks does not hold it up: `python -m benchmarks.web_attacks.pulse HOST PORT`
goes on until its input ends, and then prints what it found, as JSON.
"""

import json
import select
import socket
import sys
import time

PATIENCE = 60.0  # seconds for one answer
BETWEEN = 0.2
_REQUEST = b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def beat(host: str, port: int) -> bool:
    """Whether the form came."""
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as made:
            made.sendall(_REQUEST)
            read = b""
            while part := made.recv(65_536):
                read += part
    except OSError:
        return False
    return read.startswith(b"HTTP/1.1 200 ") and read.rstrip().endswith(b"</html>")


def main() -> None:
    """Beat until the input ends."""
    host, port = sys.argv[1], int(sys.argv[2])
    slowest, beats, failed = 0.0, 0, 0
    while not select.select([sys.stdin], [], [], BETWEEN)[0]:
        began = time.monotonic()
        failed += not beat(host, port)
        beats, slowest = beats + 1, max(slowest, time.monotonic() - began)
    print(json.dumps({"slowest": slowest, "beats": beats, "failed": failed}))


if __name__ == "__main__":
    main()
