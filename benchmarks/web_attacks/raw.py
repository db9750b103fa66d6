"""Requests that no library sends: two of a header, lies about lengths, other ways to write a host or a path."""

import re
import socket
from contextlib import suppress

from benchmarks.web_attacks.target import PATIENCE, SECRET, Target

OPEN = b"GET /config HTTP/1.1\r\n"
POST = b"POST /gradio_api/call/v2/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HOST = b"Host: localhost\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
END = b"\r\n"

# Name -> what is sent, and the statuses that are right.
REQUESTS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "HTTP/1.0 without a host": (b"GET /config HTTP/1.0\r\n\r\n", (403,)),
    "HTTP/1.1 without a host": (OPEN + END, (400,)),
    "two hosts": (OPEN + HOST + b"Host: a.invalid\r\n\r\n", (400,)),
    "an address for a path": (b"GET http://a.invalid/config HTTP/1.1\r\n" + HOST + END, (404,)),
    "our address, another host": (b"GET http://localhost/config HTTP/1.1\r\nHost: a.invalid\r\n\r\n", (403,)),
    "a host with a user": (OPEN + b"Host: localhost@a.invalid\r\n\r\n", (403,)),
    "a host of two lines": (OPEN + b"Host: localhost\r\n a.invalid\r\n\r\n", (400, 403)),
    "a host in hex": (OPEN + b"Host: 0x7f000001\r\n\r\n", (403,)),
    "a host of one number": (OPEN + b"Host: 2130706433\r\n\r\n", (403,)),
    "two origins": (OPEN + HOST + b"Origin: http://localhost\r\nOrigin: http://a.invalid\r\n\r\n", (403,)),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", (400,)),
    "a length below zero": (POST + b"Content-Length: -2\r\n\r\n{}", (400,)),
    "a length with a sign": (POST + b"Content-Length: +2\r\n\r\n{}", (400,)),
    "a length of thirty digits": (POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}", (400,)),
    "a length and pieces": (POST + b"Content-Length: 50\r\n" + CHUNKED + b"\r\n2\r\n{}\r\n0\r\n\r\n", (200, 400)),
    "trailers": (POST + CHUNKED + b"\r\n2\r\n{}\r\n0\r\nHost: a.invalid\r\nHost: b.invalid\r\n\r\n", (200, 400)),
    "a long extension of a piece": (POST + CHUNKED + b"\r\n2;" + b"a" * 30_000 + b"\r\n{}\r\n0\r\n\r\n", (200, 400)),
    "a body of 10,000 pieces": (POST + CHUNKED + END + b"1\r\n \r\n" * 10_000 + b"0\r\n\r\n", (400,)),
    "a head of 5,000 lines": (OPEN + HOST + b"a:b\r\n" * 5_000 + END, (400,)),
    "a head of 60,000 bytes": (OPEN + HOST + b"a: " + b"b" * 60_000 + b"\r\n\r\n", (400,)),
    "10,000 parts of a query": (b"GET /config?" + b"a=b&" * 7_000 + b" HTTP/1.1\r\n" + HOST + END, (400,)),
    "7,000 cookies": (OPEN + HOST + b"Cookie: " + b"a=b;" * 7_000 + b"\r\n\r\n", (200,)),
    "a WebSocket": (
        b"GET /gradio_api/queue/join HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", (404,),
    ),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 403)),
    "a tunnel": (b"CONNECT a.invalid:443 HTTP/1.1\r\n" + HOST + END, (404,)),
    "a trace": (b"TRACE / HTTP/1.1\r\n" + HOST + END, (404,)),
    "a path out of the assets": (b"GET /assets//etc/passwd HTTP/1.1\r\n" + HOST + END, (403, 404)),
    "the same in code": (b"GET /static/%2fetc/passwd HTTP/1.1\r\n" + HOST + END, (403, 404)),
    "the same from above": (b"GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + HOST + END, (404,)),
    "the same with backslashes": (b"GET /static/..%5c..%5cetc%5cpasswd HTTP/1.1\r\n" + HOST + END, (404,)),
    "a zero byte": (b"GET /static/a%00.js HTTP/1.1\r\n" + HOST + END, (404,)),
    "a path of broken bytes": (b"GET /static/%ff%fe HTTP/1.1\r\n" + HOST + END, (404,)),
    "said to be forwarded": (OPEN + HOST + b"X-Forwarded-For: 192.0.2.1\r\n\r\n", (403,)),
    "another server's answers": (OPEN + HOST + b"X-Gradio-Server: http://a.invalid/\r\n\r\n", (200,)),
    "lines in a name for the log": (POST + b"Content-Length: 22\r\n\r\n" + b'{"a\\r\\nb\\u001b[2J": 1}', (422,)),
}  # fmt: skip


def exchange(port: int, data: bytes, host: str = "127.0.0.1") -> bytes:
    """The answer to what is sent as it is."""
    with socket.create_connection((host, port), timeout=PATIENCE) as made:
        with suppress(ConnectionError):
            made.sendall(data)
        read = b""
        with suppress(ConnectionError, TimeoutError):
            while not _whole(read) and (part := made.recv(65_536)):
                read += part
        return read


def _whole(read: bytes) -> bool:
    head, ended, body = read.partition(b"\r\n\r\n")
    length = re.search(rb"\ncontent-length: (\d+)", head.lower())
    return bool(ended) and (len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n"))


def try_raw(target: Target) -> tuple[int, list[str]]:
    """Each of them; the harms are other statuses, files, grants and tracebacks."""
    harms = []
    for name, (data, right) in REQUESTS.items():
        found = exchange(target.port, data)
        status = int(found[9:12]) if found.startswith(b"HTTP/1.") and found[9:12].isdigit() else 0
        if status not in right:
            harms.append(f"{name}: {status}, {found[:100]!r}")
        for word in (SECRET.encode(), b"root:x:0", b"Traceback", b"\r\naccess-control-"):
            if word in found.replace(b"Access", b"access"):
                harms.append(f"{name}: {word!r} in the answer")
    return len(REQUESTS), harms
