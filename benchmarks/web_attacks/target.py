"""The server under attack, and what counts as harm to it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import httpx

PROJECT = Path(__file__).resolve().parents[2]
SECRET = "the word that nobody may read is krummhorn"
PATIENCE = 60.0  # seconds for any one answer
FROZEN_SECONDS = 2.0
LOG_BYTES = 200_000  # written during one attack


class Target:
    """`app.py` in a process of its own, on a free port of loopback, with a file beside it that must not be read."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        store: Path | None = None,
        files: int = 0,
        host: str = "127.0.0.1",
        auth: tuple[str, str] | None = None,
    ) -> None:
        self.folder, self.store = folder, store or folder / "store"
        self.secret, self._calls, self._log = folder / "secret.txt", folder / "calls", folder / "log"
        self.secret.write_text(SECRET)
        self._calls.touch()
        self._options, self._files, self.host, self._auth = options, files, host, auth
        self.process: subprocess.Popen[bytes] | None = None
        self.url, self.port = "", 0

    def __enter__(self) -> "Target":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers; the first question, which loads the models, is asked as well."""
        watched = [sys.executable, "-m", "benchmarks.web_attacks.watched"]
        # The doors are the same before any reader, and this one is soon there.
        command = [*watched, self._calls, self.secret, self._files, self.store, "--reader", "small"]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*map(str, command), "--port", "0", *self._options], stdout=log, stderr=log, cwd=PROJECT,
                env={**os.environ, "HF_HUB_OFFLINE": "1"},
            )  # fmt: skip
        before = self.log_text().count("is at http://")
        while self.log_text().count("is at http://") == before:
            assert self.process.poll() is None, self.log_text()
            time.sleep(0.1)
        self.port = int(re.findall(r"is at http://\S+:(\d+)", self.log_text())[-1])
        self.url = f"http://{self.host}:{self.port}"
        self.ask("When was smallpox declared eradicated?")

    def stop(self) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it as a crash does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def ask(self, question: str, client: httpx.Client | None = None) -> str:
        """What `/ask` answers, as it comes."""
        if client is None:
            with httpx.Client(timeout=PATIENCE, auth=self._auth) as made:
                return self.ask(question, made)
        begun = client.post(f"{self.url}/gradio_api/call/v2/ask", json={"question": question})
        if begun.status_code != 200:
            return begun.text
        return client.get(f"{self.url}/gradio_api/call/v2/ask/{begun.json()['event_id']}").text

    def log_text(self) -> str:
        """What the server has said."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def calls(self) -> list[list[str]]:
        """The network calls and file accesses that it should not have made."""
        return [json.loads(line) for line in self._calls.read_text().splitlines()]

    def memory(self) -> int:
        """The bytes of memory that it holds."""
        assert self.process is not None
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def generation(self) -> int:
        """The number of its store's live generation."""
        return int((self.store / "CURRENT").read_text().split()[0])

    def descriptors(self) -> int:
        """How many files and connections it holds."""
        assert self.process is not None
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    @contextmanager
    def attacked(self, harms: list[str], name: str, *, growth: int = 300_000_000) -> Iterator["Pulse"]:
        """While an attack goes on: whatever it did to the server is added to `harms`."""
        log, calls, memory, listed = len(self.log_text()), len(self.calls()), self.memory(), self._listed()
        with Pulse(self) as pulse:
            yield pulse
        found = self.calls()[calls:]
        said = self.log_text()[log:]
        tests: Sequence[tuple[bool, Callable[[], str]]] = (
            (self.process is None or self.process.poll() is not None, lambda: "the server ended"),
            ("Traceback" in said, lambda: f"a traceback: {said[said.index('Traceback') :][:1500]}"),
            (len(said) > LOG_BYTES, lambda: f"{len(said):,} bytes of log"),
            (bool(found), lambda: f"touched {found[:3]}"),
            (pulse.slowest > FROZEN_SECONDS, lambda: f"frozen for {pulse.slowest:.1f} s"),
            (pulse.failed > 0, lambda: f"{pulse.failed} of {pulse.beats} times nobody could sign in"),
            (self._listed() != listed, lambda: f"left {sorted(self._listed() ^ listed)[:3]}"),
        )
        harms += [f"{name}: {told()}" for happened, told in tests if happened]
        if self.process is not None and self.process.poll() is None and self.memory() - memory > growth:
            harms.append(f"{name}: memory grew by {(self.memory() - memory) // 10**6} MB")

    def _listed(self) -> set[str]:
        """What lies in the store beside what its builds and its users' opinions are."""
        expected = ("generations", "feedback.sqlite", "examples.json", "work", "uploads", "CURRENT", "LOCK")
        return {str(path) for path in self.store.rglob("*") if path.relative_to(self.store).parts[0] not in expected}


class Pulse:
    """Somebody who wants to sign in meanwhile: see `benchmarks.web_attacks.pulse`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.slowest, self.beats, self.failed = 0.0, 0, 0

    def __enter__(self) -> "Pulse":
        host = self._target.host.strip("[]")
        watch = [sys.executable, "-m", "benchmarks.web_attacks.pulse", host, str(self._target.port)]
        self._process = subprocess.Popen(watch, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
        return self

    def __exit__(self, *_: object) -> None:
        found = json.loads(self._process.communicate()[0])
        self.slowest, self.beats, self.failed = found["slowest"], found["beats"], found["failed"]


class Listener:
    """A port of loopback that must never be called."""

    def __init__(self) -> None:
        import socket

        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]

    def called(self) -> bool:
        """Whether anyone has connected."""
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
