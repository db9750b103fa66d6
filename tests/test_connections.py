"""uvicorn with an end to its patience: slow heads and bodies, too many connections, and a log that stays short."""

import logging
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import httpx
import pytest
import uvicorn
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from web import connections
from web.connections import Patient, most_connections
from web.doors import bodies
from web.doors.refusal import Refusal
from web.logs import LINES, MAX_CHARS, OneLine, Sparing

HANG = 60.0  # seconds after which a test that waits has failed


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads a body as the doors do; `/endless` sends 650 MB."""
    if scope["path"] == "/endless":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(10_000):
            await send({"type": "http.response.body", "body": b"a" * 65_536, "more_body": True})
        return
    try:
        size = sum([len(part) async for part in bodies.parts(receive, Headers(scope=scope), 1000, HANG)])
    except Refusal as refusal:
        await refusal.response("")(scope, receive, send)
        return
    await PlainTextResponse(f"{size}")(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server in a thread, whose patience is short."""
    for name in ("HEAD_SECONDS", "TAIL_SECONDS", "TAKE_SECONDS"):
        monkeypatch.setattr(connections, name, 0.3)
    monkeypatch.setattr(bodies, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(Patient, "most", 8)
    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_config=None, http=Patient, ws="none", lifespan="off", backlog=4)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([bound],))
    thread.start()
    yield bound.getsockname()[1]
    server.should_exit = True
    thread.join()
    bound.close()


def opened(port: int, data: bytes) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=HANG)
    made.sendall(data)
    return made


def rest(made: socket.socket) -> bytes:
    """Everything until the server closes."""
    read = b""
    with suppress(ConnectionResetError):
        while part := made.recv(65_536):
            read += part
    return read


HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("data", [b"", b"GET", HEAD, HEAD + b"X-Long: " + b"a" * 500])
def test_half_a_head_is_closed(port: int, data: bytes) -> None:
    with closing(opened(port, data)) as made:
        assert rest(made) == b""


def test_half_a_head_after_a_whole_request_is_closed(port: int) -> None:
    with closing(opened(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + HEAD)) as made:
        assert rest(made).count(b"HTTP/1.1 ") == 1


def test_a_body_that_does_not_come_is_told_so(port: int) -> None:
    with closing(opened(port, HEAD + b"Content-Length: 100\r\n\r\nabc")) as made:
        assert rest(made).startswith(b"HTTP/1.1 408 ")


def test_the_rest_of_a_refused_body_is_not_waited_for(port: int) -> None:
    with closing(opened(port, HEAD + b"Content-Length: 5000\r\n\r\nabc")) as made:
        assert rest(made).startswith(b"HTTP/1.1 413 ")


def test_a_body_in_pieces_is_cut_at_its_limit(port: int) -> None:
    with closing(opened(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n")) as made:
        with suppress(ConnectionError):
            for _ in range(200):
                made.sendall(b"400\r\n" + b"a" * 1024 + b"\r\n")
        assert rest(made).startswith(b"HTTP/1.1 413 ")


def test_who_does_not_take_an_answer_is_left(port: int) -> None:
    with closing(opened(port, b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")) as made:
        time.sleep(1.0)  # longer than the server waits, with nothing taken
        size = 0
        with suppress(ConnectionResetError):
            while part := made.recv(1 << 20):
                size += len(part)
        assert size < 100_000_000


def test_more_connections_than_there_is_room_for_shut_nobody_out(port: int) -> None:
    made = [opened(port, b"GET") for _ in range(40)]
    assert httpx.get(f"http://127.0.0.1:{port}/", timeout=HANG).text == "0"
    for one in made:
        one.close()


def test_bodies_that_never_end_shut_nobody_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SILENT_SECONDS", HANG)
    made = [opened(port, HEAD + b"Content-Length: 3\r\n\r\na") for _ in range(40)]
    assert httpx.get(f"http://127.0.0.1:{port}/", timeout=HANG).text == "0"
    for one in made:
        one.close()


def test_a_body_in_more_pieces_than_anybody_sends_is_refused(port: int) -> None:
    for piece, pieces, status in ((b"a", 900, 400), (b"a", connections.FREE_PIECES, 200), (b"a" * 9, 111, 400)):
        data = b"%x\r\n%s\r\n" % (len(piece), piece) * pieces + b"0\r\n\r\n"
        with closing(opened(port, HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + data)) as made:
            assert rest(made).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize(
    "lines", [b"a:b\r\n" * 2 * connections.HEAD_LINES, b"a: " + b"b" * connections.HEAD_BYTES + b"\r\n"]
)
@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_a_head_of_too_many_lines_or_bytes_is_refused(port: int, lines: bytes, before: bytes) -> None:
    with closing(opened(port, before + HEAD + lines + b"Content-Length: 0\r\n\r\n")) as made:
        assert rest(made)[-200:].count(b"Invalid HTTP request received.") == 1


def test_nonsense_after_an_answer_ends_the_connection_and_is_no_traceback(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(opened(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n400\r\n" + b"a" * 1024)) as made:
        assert made.recv(1000).startswith(b"HTTP/1.1 413 ")
        with suppress(ConnectionError):
            made.sendall(b"nonsense\r\n")
        rest(made)
    assert [record for record in caplog.records if record.exc_info] == []


def test_what_is_being_answered_is_not_closed_for_others(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SILENT_SECONDS", HANG)
    with closing(opened(port, HEAD + b"Content-Length: 3\r\n\r\nab")) as mine:
        made = [opened(port, b"GET") for _ in range(40)]
        mine.sendall(b"c")
        assert b" 200 " in mine.recv(1000)
        for one in made:
            one.close()


def test_connections_stay_below_the_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    def limits(soft: int, hard: int) -> Callable[[int], tuple[int, int]]:
        return lambda which: (soft, hard)

    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: None)
    for soft, hard in ((256, 256), (1024, 4096), (20_000, 20_000)):
        monkeypatch.setattr(resource, "getrlimit", limits(soft, hard))
        assert 16 <= most_connections() < min(max(soft, hard), 4096) - connections.BACKLOG


def record(line: str, error: Exception | None = None) -> logging.LogRecord:
    return logging.LogRecord(
        "uvicorn.error", logging.ERROR, "", 0, line, (), (type(error), error, None) if error else None
    )


def test_the_log_says_a_thing_a_few_times_and_without_tracebacks(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    sparing = Sparing()
    assert [sparing.filter(record("the same")) for _ in range(1000)].count(True) == LINES
    assert sparing.filter(record("another"))
    now[0] += 100
    again = record("the same")
    assert sparing.filter(again)
    assert again.getMessage() == f"the same (and {1000 - LINES:,} more like it before)"
    failed = record("it failed\n", ValueError("two\nlines"))
    assert sparing.filter(failed)
    assert logging.Formatter("%(message)s").format(failed) == "it failed: ValueError: two lines"


def test_what_somebody_sent_stays_on_one_short_line_of_the_log() -> None:
    line = OneLine("%(message)s").format(record("asked for \x1b[2J\r\nGET /\u202e" + "a" * 10**6))
    assert line.startswith("asked for \\x1b[2J\\r\\nGET /\\u202eaaa")
    assert len(line) < 2 * MAX_CHARS
