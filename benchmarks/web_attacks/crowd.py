"""Clients that are too many, too slow or too eager."""

import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from benchmarks.web_attacks.target import PATIENCE, Target

QUESTIONS = (
    "When was smallpox declared eradicated?",
    "How long is a marathon?",
    "Which economist came up with the letters BRIC?",
    "What is the capital of Peru?",
)
_HALVES = (b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"POST /login HTTP/1.1\r\nHost: localhost\r\n"
           b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname=")  # fmt: skip


def half_open(target: Target, number: int, seconds: float) -> dict[str, float]:
    """`number` connections that send nothing, half a head or half a body, while others ask."""
    sockets: list[socket.socket] = []
    answered = asked = 0
    end = time.monotonic() + seconds
    try:
        for count in range(number):
            with suppress(OSError):
                sockets.append(_half(target.port, _HALVES[count % len(_HALVES)]))
        while time.monotonic() < end or not asked:
            asked += 1
            answered += "1980" in target.ask(QUESTIONS[0])
    finally:
        for one in sockets:
            one.close()
    return {"connections": len(sockets), "asked meanwhile": asked, "answered": answered}


def _half(port: int, data: bytes) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    with suppress(OSError):
        opened.sendall(data)
    return opened


def many_questions(target: Target, number: int) -> dict[str, float]:
    """`number` questions one after the other, every other one never fetched, and the memory before and after."""
    with httpx.Client(timeout=PATIENCE) as client:
        for count in range(min(100, number)):
            target.ask(QUESTIONS[count % len(QUESTIONS)], client)
        before = target.memory()
        for count in range(number):
            question = f"{QUESTIONS[count % len(QUESTIONS)]} {count}"
            if count % 2:
                target.ask(question, client)
                continue
            url = f"{target.url}/gradio_api/call/v2/ask"
            while client.post(url, json={"question": question}).status_code == 429:
                time.sleep(1)
    after = target.memory()
    return {
        "questions": number,
        "memory before, MB": before // 10**6,
        "memory after, MB": after // 10**6,
        "KB for each": round((after - before) / number / 1000, 2),
    }


def askers(target: Target, number: int, seconds: float) -> dict[str, float]:
    """`number` people who ask at once, each again as soon as there is an answer."""
    end, counts = time.monotonic() + seconds, {"answers": 0, "told to wait": 0, "wrong": 0}
    lock = threading.Lock()

    def ask(which: int) -> None:
        with httpx.Client(timeout=10 * PATIENCE) as client:
            while time.monotonic() < end:
                said = target.ask(QUESTIONS[which % len(QUESTIONS)], client)
                kind = "answers" if "event: complete" in said else "told to wait" if "wait" in said else "wrong"
                with lock:
                    counts[kind] += 1
                if kind != "answers":
                    time.sleep(1)

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(ask, range(number)))
    return {"askers": number, **counts}


def soak(target: Target, seconds: float, dice: random.Random) -> dict[str, float]:
    """People who ask while an article changes and the store is built again and again."""
    end, asked, wrong, builds = time.monotonic() + seconds, 0, 0, 0
    changing = target.store / "uploads" / "changing.md"
    memory: list[int] = []
    with httpx.Client(timeout=10 * PATIENCE) as client:
        add(client, target, upload(client, target, {changing.name: b"# Change\n\nThere is no number yet.\n"}).json())
        wait_for_job(client, target)
        first = target.generation()
        while time.monotonic() < end or not builds:
            number = dice.randrange(10**6)
            changing.write_text(f"# Change\n\nThe number of the hour is {number}, as ever.\n")
            builds += "event: complete" in _build(target, client)
            asked += 1
            wrong += not _says(target, client, f"{number}")
            for question in QUESTIONS:
                asked += 1
                wrong += "event: complete" not in target.ask(question, client)
            memory.append(target.memory())
    fifth = memory[len(memory) // 5]
    return {
        "builds": builds,
        "new generations": target.generation() - first,
        "questions": asked,
        "wrong": wrong,
        "memory after a fifth, MB": fifth // 10**6,
        "memory at the end, MB": memory[-1] // 10**6,
    }


def _says(target: Target, client: httpx.Client, number: str) -> bool:
    """Whether the newest generation comes to answer: until it is open, which takes its time, the one before does."""
    end = time.monotonic() + PATIENCE
    while number not in target.ask("What is the number of the hour?", client):
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def _build(target: Target, client: httpx.Client) -> str:
    url = f"{target.url}/gradio_api/call/v2/build"
    return client.get(f"{url}/{client.post(url, json={}).json()['event_id']}").text


def upload(client: httpx.Client, target: Target, files: dict[str, bytes]) -> httpx.Response:
    """Upload files as the page does."""
    return client.post(f"{target.url}/gradio_api/upload", files=[("files", item) for item in files.items()])


def add(client: httpx.Client, target: Target, tokens: list[str]) -> httpx.Response:
    """Have uploaded files added as the page does."""
    files = [{"path": token, "meta": {"_type": "gradio.FileData"}} for token in tokens]
    return _raised(client, target, "upload", "upload", files)


def job(client: httpx.Client, target: Target) -> str:
    """What the page of the articles says of the latest change."""
    return shown(client, target, _raised(client, target, "tick", "find", ""), "tick", "job")


def shown(client: httpx.Client, target: Target, found: httpx.Response, kind: str, name: str) -> str:
    """What an event of that kind has put into the component of that name."""
    config = client.get(f"{target.url}/config").json()
    box = _component(config, name)
    outputs = next(one["outputs"] for one in config["dependencies"] if _is(one, kind) and box in one["outputs"])
    return str(found.json()["data"][outputs.index(box)])


def _raised(client: httpx.Client, target: Target, kind: str, name: str, value: Any) -> httpx.Response:
    """The event of that kind which reads the component of that name, with that value in it."""
    config = client.get(f"{target.url}/config").json()
    box = _component(config, name)
    event = next(one for one in config["dependencies"] if _is(one, kind) and box in one["inputs"])
    data = [value if number == box else None for number in event["inputs"]]
    body = {"data": data, "fn_index": event["id"], "session_hash": "adder", "trigger_id": None}
    return client.post(f"{target.url}/gradio_api/run/predict", json=body)


def _component(config: dict[str, Any], name: str) -> int:
    return next(int(one["id"]) for one in config["components"] if one["props"].get("elem_id") == name)


def _is(event: dict[str, Any], kind: str) -> bool:
    return any(raised == kind for _, raised in event["targets"])


def wait_for_job(client: httpx.Client, target: Target, seconds: float = 10 * PATIENCE) -> str:
    """The same once the change has ended. Raises TimeoutError when it does not."""
    end = time.monotonic() + seconds
    while "<progress" in (said := job(client, target)):
        if time.monotonic() > end:
            raise TimeoutError(said)
        time.sleep(0.1)
    return said


def left(folder: Path) -> list[str]:
    """Everything below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) if folder.is_dir() else []
