"""The chat's times: `python -m benchmarks.web [--sessions N]` serves seeds/ on loopback and prints them.

First paint and first answer are seen by a headless Chromium; the sessions ask at the same moment through `/ask`, each
a different question about one article, and each answer is checked to be for its own question.
"""

import asyncio
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from index.command_line import Parser

PROJECT = Path(__file__).resolve().parents[1]
SESSIONS = 200
ATTEMPT_SECONDS = 900.0


def main() -> None:
    """Print the figures."""
    parser = Parser.of("benchmarks.web", __doc__)
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    sessions = parser.parse_args().sessions
    with tempfile.TemporaryDirectory() as folder:
        process, url = _serve(Path(folder) / "store")
        try:
            for name, seconds in _page(url):
                print(f"{name:<34}{seconds:8.2f} s", flush=True)
            times, wrong = asyncio.run(_sessions(url, sessions))
            print(f"{sessions} sessions at once, errors       {wrong:8d}")
            for name, seconds in (("median", statistics.median(times)), ("slowest", max(times))):
                print(f"{sessions} sessions at once, {name:<13}{seconds:8.2f} s")
        finally:
            if process.poll() is not None:
                print(f"the server ended by itself, exit code {process.returncode}")
            process.terminate()
            process.wait()


def _serve(store: Path) -> tuple["subprocess.Popen[str]", str]:
    command = [sys.executable, str(PROJECT / "app.py"), "--store", str(store), "--port", "0"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=environment)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+:(\d+)", line):
            return process, f"http://127.0.0.1:{found[1]}"
    raise SystemExit("the server did not start")


def _page(url: str) -> list[tuple[str, float]]:
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(url)
        page.wait_for_selector(".welcome")
        paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
        found.append(("first paint", float(page.evaluate(paint))))
        for name in ("first answer (loads the models)", "next answer"):
            began = time.monotonic()
            page.locator("#question textarea").fill("When was smallpox declared eradicated?")
            page.locator("#question textarea").press("Enter")
            number = len(found)
            page.locator(".exchange").nth(number - 1).locator(".answer, .not-said").wait_for()
            found.append((name, time.monotonic() - began))
        browser.close()
    return found


async def _sessions(url: str, number: int) -> tuple[list[float], int]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=ATTEMPT_SECONDS, limits=limits) as client:
        outcomes = await asyncio.gather(*(_session(client, one) for one in range(number)))
    return [seconds for seconds, _ in outcomes], sum(not right for _, right in outcomes)


async def _session(client: httpx.AsyncClient, number: int) -> tuple[float, bool]:
    """One person's question; right when the answer is for that very question."""
    question = f"Was smallpox declared eradicated in {1800 + number}?"
    began = time.monotonic()
    event = await client.post("/gradio_api/call/v2/ask", json={"question": question})
    answer = await client.get(f"/gradio_api/call/v2/ask/{event.json()['event_id']}")
    right = "event: complete" in answer.text and question in answer.text
    return time.monotonic() - began, right


if __name__ == "__main__":
    main()
