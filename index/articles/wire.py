"""What a worker and its owner say to each other: JSON values over a socket, each with its length before it.

Nothing is pickled: a parser that a file has taken over could send anything.
"""

import json
import socket
import struct
import time
from typing import Any

_LENGTH = struct.Struct("<Q")


class Overlong(Exception):  # noqa: N818 - reads as a state, not as an event
    """A message is longer than the receiver takes."""


def encoded(value: Any) -> bytes:
    """A value as it goes over the socket, without its length."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def send(connection: socket.socket, data: bytes, descriptor: int | None = None) -> None:
    """Send one encoded value and, with it, an open file."""
    length = _LENGTH.pack(len(data))
    if descriptor is None:
        connection.sendall(length)
    else:
        socket.send_fds(connection, [length], [descriptor])
    connection.sendall(data)


def receive(connection: socket.socket, most: int, deadline: float | None = None) -> Any:
    """The next value, of at most `most` bytes.

    Raises EOFError when the other side is gone, TimeoutError at `deadline` (of the monotonic clock), Overlong, and
    ValueError for what is no JSON.
    """
    return _body(connection, bytes(_exactly(connection, _LENGTH.size, deadline)), most, deadline)


def receive_with_file(connection: socket.socket, most: int) -> tuple[Any, int]:
    """The next value and the descriptor of the file that came with it. Raises EOFError, Overlong and ValueError."""
    length, descriptors, _, _ = socket.recv_fds(connection, _LENGTH.size, 1)
    if not length or not descriptors:
        raise EOFError
    length += bytes(_exactly(connection, _LENGTH.size - len(length), None))
    return _body(connection, length, most, None), descriptors[0]


def _body(connection: socket.socket, length: bytes, most: int, deadline: float | None) -> Any:
    (number,) = _LENGTH.unpack(length)
    if number > most:
        raise Overlong
    return json.loads(_exactly(connection, number, deadline).decode("utf-8", "surrogatepass"))


def _exactly(connection: socket.socket, number: int, deadline: float | None) -> bytearray:
    data = bytearray(number)
    view = memoryview(data)
    while view:
        if deadline is not None:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
        read = connection.recv_into(view)
        if not read:
            raise EOFError
        view = view[read:]
    return data
