"""The server as a process, and what a person does on its pages."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

PROJECT = Path(__file__).resolve().parents[2]
ANSWERED = "When was smallpox declared eradicated?"
UNANSWERED = "What is the capital of Peru?"
PATIENCE = 60_000  # milliseconds for one thing to appear on a busy machine


class Server:
    """`python app.py` in a process of its own."""

    def __init__(self, store: Path, *options: str, port: int = 0) -> None:
        command = [sys.executable, str(PROJECT / "app.py"), "--store", str(store), "--port", str(port), *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=PROJECT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
        self.store = store
        self.lines: list[str] = []
        self.url = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(r"http://[\d.]+:(\d+)", line):
                self.url, self.port = f"http://127.0.0.1:{found[1]}", int(found[1])
                return
        self.stop()
        raise AssertionError("".join(self.lines))

    def stop(self) -> None:
        """End it and wait."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def occupy(server: Server) -> None:
    """Questions of others, put in all at once, so that the next one waits for some seconds."""

    def post(year: int) -> None:
        question = f"Was smallpox declared eradicated in {year}?"
        httpx.post(f"{server.url}/gradio_api/call/v2/ask", json={"question": question}, timeout=60).raise_for_status()

    with ThreadPoolExecutor(24) as pool:
        list(pool.map(post, range(1940, 1970)))


def ask(page: Any, question: str) -> Any:
    """Type a question, press Enter, wait; returns the exchange."""
    before = page.locator(".exchange").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    exchange = page.locator(".exchange").nth(before)
    exchange.locator(".answer, .not-said, .problem").wait_for()
    return exchange
