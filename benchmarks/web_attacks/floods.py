"""Much at once from one address: what one event loop and its threads must not be held up by."""

import json
import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx

from benchmarks.web_attacks.raw import exchange
from benchmarks.web_attacks.target import PATIENCE, Target

Outcome = tuple[dict[str, float], list[str]]
_JSON = b"Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"


def pages(target: Target, number: int) -> Outcome:
    """So many who load each page at once."""
    paths = ("/", "/articles", "/config", "/gradio_api/info", "/theme.css")
    wanted = [f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode() for path in paths]
    return _at_once(target, [wanted[count % len(paths)] for count in range(number)], (200,))


def tiny_pieces(target: Target, number: int) -> Outcome:
    """So many bodies at once in pieces of one byte."""
    data = b"POST /gradio_api/run/predict HTTP/1.1\r\n" + _JSON + b"Transfer-Encoding: chunked\r\n\r\n"
    return _at_once(target, [data + b"1\r\n \r\n" * 100_000] * number, (400, 0))


def long_conversations(target: Target, number: int) -> Outcome:
    """So many who open a conversation of the longest kind at once, and let go of bodies of 4 MB."""
    cited = {
        "number": 1, "quote": "q" * 300, "start": 0, "end": 300, "answer_start": 1, "answer_end": 5,
        "passage_id": "p", "page": None, "article_id": "a", "title": "t", "source": "s", "published": "2024-01-01",
    }  # fmt: skip
    said = {"text": "a", "confidence": 0.5, "generation": 1, "citations": [cited] * 5, "related": []}
    exchanges = [{"id": f"e{count}", "question": "why " * 100, "said": said} for count in range(200)]
    kept = {"id": "x", "started": "y", "exchanges": exchanges}
    event = _event(target, "load", "json")
    right = _posted(event[0], [kept, *[None] * (event[1] - 1)])
    large = _posted(event[0], [{**kept, "more": "a" * 3_000_000}, *[None] * (event[1] - 1)])
    return _at_once(target, [right if count % 2 else large for count in range(number)], (200, 503))


def called_off(target: Target, number: int) -> Outcome:
    """So many questions of the page that are taken back at once: who asks after them waits for none of them."""
    question = {"id": "e", "question": "When was smallpox declared eradicated?", "where": ["", "", "", ""]}
    data = [json.dumps({"conversation": {"id": "x", "started": "y", "exchanges": [question]}})]
    event, _ = _event(target, "success", "textbox")
    with httpx.Client(base_url=target.url, timeout=PATIENCE) as client:
        for count in range(number):
            body = {"data": data, "fn_index": event, "session_hash": f"off{count}", "trigger_id": None}
            made = client.post("/gradio_api/queue/join", json=body)
            if made.status_code == 200:
                off = {"fn_index": event, "session_hash": f"off{count}", "event_id": made.json()["event_id"]}
                client.post("/gradio_api/cancel", json=off)
    began = time.monotonic()
    answered = "1980" in target.ask("When was smallpox declared eradicated?")
    return {"taken back": number, "seconds of the next": round(time.monotonic() - began, 1)}, (
        [] if answered else ["the question after them came to nothing"]
    )


def endless_bodies(target: Target, number: int) -> Outcome:
    """So many bodies that come byte by byte, again and again, while others ask."""
    head = b"POST /gradio_api/queue/join HTTP/1.1\r\n" + _JSON + b"Content-Length: 1000\r\n\r\n{"
    made: list[socket.socket] = []
    asked = answered = 0
    try:
        for _ in range(3):
            for _ in range(number):
                with suppress(OSError):
                    made.append(socket.create_connection(("127.0.0.1", target.port), timeout=PATIENCE))
                    made[-1].sendall(head)
            asked += 1
            answered += "1980" in target.ask("When was smallpox declared eradicated?")
            for one in made[:-number]:
                one.close()
            del made[:-number]
    finally:
        for one in made:
            one.close()
    lost = asked - answered
    return {"bodies": 3 * number, "asked meanwhile": asked}, [f"{lost} questions came to nothing"] if lost else []


def _at_once(target: Target, requests: list[bytes], right: tuple[int, ...]) -> Outcome:
    def send(data: bytes) -> int:
        found = exchange(target.port, data)
        return int(found[9:12]) if found.startswith(b"HTTP/1.") else 0

    with ThreadPoolExecutor(len(requests)) as pool:
        statuses = Counter(pool.map(_quietly(send), requests))
    wrong = {status: count for status, count in statuses.items() if status not in right}
    told = {f"answered {status}": float(count) for status, count in sorted(statuses.items())}
    return {"requests": len(requests), **told}, [f"{wrong} instead of {right}"] if wrong else []


def _quietly(send: Callable[[bytes], int]) -> Callable[[bytes], int]:
    def sent(data: bytes) -> int:
        try:
            return send(data)
        except OSError:  # closed before it was all sent
            return 0

    return sent


def _posted(event: int, data: list[Any]) -> bytes:
    body = {"data": data, "fn_index": event, "session_hash": "flood", "trigger_id": None, "event_data": None}
    sent = json.dumps(body).encode()
    return b"POST /gradio_api/run/predict HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (_JSON, len(sent), sent)


def _event(target: Target, kind: str, component: str) -> tuple[int, int]:
    """The first event of that kind whose first input is such a component, and how many inputs it has."""
    config = httpx.get(f"{target.url}/config", timeout=PATIENCE).json()
    kinds = {one["id"]: one["type"] for one in config["components"]}
    return next(
        (int(one["id"]), len(one["inputs"]))
        for one in config["dependencies"]
        if [kinds.get(number) for number in one["inputs"][:1]] == [component]
        and one["backend_fn"]
        and any(event == kind for _, event in one["targets"])
    )
