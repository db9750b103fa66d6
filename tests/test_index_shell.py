"""python -m index, as an operator meets it."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from index import Skipped
from index.__main__ import main
from index.building import Progress
from index.building.watch import watch_paths
from index.reporter import SHOWN_SKIPS, Reporter

PROJECT = Path(__file__).resolve().parent.parent
TEXT = "The lighthouse\n\nThe lighthouse stands by the river. Its keeper is called Jansson.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two articles, and an empty default store."""
    monkeypatch.setenv("ARTICLE_QA_STORE", str(tmp_path / "store"))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(TEXT)
    (tmp_path / "in" / "b.txt").write_text("The mill\n\nA mill grinds corn. It is driven by the wind.\n")
    return tmp_path / "in"


def shell(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> tuple[str, str]:
    """Run one command; returns (stdout, stderr)."""
    capsys.readouterr()
    assert main([str(argument) for argument in arguments]) == code
    told = capsys.readouterr()
    return told.out, told.err


def document(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> Any:
    return json.loads(shell(capsys, *arguments, "--json", code=code)[0])


def test_a_life_of_a_store(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = document(capsys, "build", folder)
    assert built.pop("seconds") > 0
    assert built == {
        "generation": 1,
        "articles": {"new": 2, "changed": 0, "unchanged": 0, "removed": 0, "skipped": 0},
        "passages": 2,
        "embedded": 2,
    }
    assert "nothing changed: 2 articles" in shell(capsys, "build", folder)[0]
    (folder / "c.txt").write_text("Third\n\nA third text on bridges.\n")
    (folder / "d.txt").write_bytes(b"")
    out, err = shell(capsys, "add", folder / "c.txt", folder / "d.txt")
    assert "3 articles (1 new, 0 changed, 2 unchanged, 0 removed), 1 skipped; 3 passages, 1 embedded" in out
    assert "d.txt" in err
    removed = document(capsys, "remove", folder / "a.txt")
    assert (removed["generation"], removed["articles"]["removed"], removed["embedded"]) == (3, 1, 0)
    info = document(capsys, "info")
    assert [Path(source["source"]).name for source in info["sources"]] == ["b.txt", "c.txt"]
    assert (info["generation"], info["articles"], info["passages"]) == (3, 2, 2)
    assert "b.txt" in shell(capsys, "info")[0]
    assert document(capsys, "verify") == {"whole": True, "problems": []}
    assert [line["generation"] for line in document(capsys, "history")] == [3, 2]
    assert shell(capsys, "rollback")[0].startswith("back at generation 2 (live)")
    assert "generation 3:" in shell(capsys, "history")[0]
    (folder.parent / "store" / "generations" / "000002" / "vectors.npy").write_bytes(b"")
    out, _ = shell(capsys, "verify", code=1)
    assert "000002/vectors.npy: has 0 bytes" in out
    assert document(capsys, "verify", code=1)["problems"][0]["file"] == "generations/000002/vectors.npy"
    _, err = shell(capsys, "info", code=1)
    assert "index rollback" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["info"], "there is no store at"),
        (["verify"], "there is no store at"),
        (["history"], "there is no store at"),
        (["rollback"], "there is no store at"),
        (["remove", "x"], "there is no store at"),
        (["build", "/no/such/folder"], "/no/such/folder"),
        (["build", "--watch", "/no/such/folder"], "/no/such/folder does not exist"),
        (["build", "--watch", "--json"], "--watch goes on for ever"),
        (["build", "IN", "--keep", "0"], "keep must be at least 1"),
        (["build", "IN", "--embedder", "/no/such/model"], "/no/such/model"),
    ],
)
def test_mistakes_are_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    out, err = shell(capsys, *(str(folder) if one == "IN" else one for one in arguments), code=2)
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["frobnicate"], ["add"], ["build", "--keep", "many"], ["info", "--what"]])
def test_misspelt_commands_are_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("python -m index")
    assert err.count("\n") == 1


def test_strict_stops(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty.txt").write_bytes(b"")
    assert "empty.txt" in shell(capsys, "build", folder, "--strict", code=2)[1]
    shell(capsys, "info", code=2)


def test_a_mistake_leaves_no_store_behind(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for mistake in ([folder / "mistyped"], [folder, "--embedder", "/no/such/model"], [folder, "--keep", "0"]):
        shell(capsys, "build", *mistake, code=2)
        assert [path.name for path in folder.parent.iterdir()] == ["in"]


def test_bad_rows_are_counted_and_the_first_ones_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.csv").write_text("title,text\n" + "empty,\n" * (SHOWN_SKIPS + 1) + "Mill,A mill grinds corn.\n")
    (folder / "b.jsonl").write_text("[]\n" * (SHOWN_SKIPS + 1234) + '{"text": "A lock lifts boats."}\n')
    (folder / "c.jsonl").write_text("[]\n" * SHOWN_SKIPS)
    (folder / "d.pdf").write_bytes(b"")
    out, err = shell(capsys, "build", folder, "--json")
    assert json.loads(out)["articles"]["skipped"] == 3 * SHOWN_SKIPS + 1 + 1234 + 1
    lines = [line for line in err.splitlines() if line.startswith("skipped ")]
    assert len(lines) == 3 * SHOWN_SKIPS + 3
    assert [line.rpartition("/")[2] for line in lines if " more in " in line] == ["a.csv", "b.jsonl"]
    assert lines[SHOWN_SKIPS].startswith("skipped 1 more in ")
    assert lines[2 * SHOWN_SKIPS + 1].startswith("skipped 1,234 more in ")
    assert "d.pdf: " in lines[-1]


def test_only_our_own_lines_on_stderr(folder: Path) -> None:
    """Also where the program around has set up logging, and libraries would tell what they do."""
    code = (
        "import logging, sys; logging.basicConfig(level=logging.WARNING); "
        "from index.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "build", str(folder)]
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert [line.partition(":")[0] for line in told.stderr.splitlines()] == ["embedding", "indexing", "checking"]


def test_what_nobody_foresaw_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(store: Path) -> None:
        raise ZeroDivisionError("over\nthere")

    monkeypatch.setattr("index.__main__.history", broken)
    assert shell(capsys, "history", code=1)[1] == "internal error: ZeroDivisionError: over there\n"


def test_an_unchanged_build_does_not_load_torch(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell(capsys, "build", folder)
    code = (
        "import sys; from index.__main__ import main; main(sys.argv[1:]); "
        "print('torch' in sys.modules or 'faiss' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, "build", str(folder)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines()[0].startswith("nothing changed")
    assert told.stdout.splitlines()[1] == "False"


def test_watch_makes_one_generation_a_burst(tmp_path: Path) -> None:
    watched, stop, rebuilt = tmp_path / "in", threading.Event(), threading.Semaphore(0)
    watched.mkdir()
    count = [0]

    def rebuild() -> None:
        count[0] += 1
        (watched / "store" / "CURRENT").parent.mkdir(exist_ok=True)
        (watched / "store" / "CURRENT").write_text(str(count[0]))  # its own doing starts no new burst
        rebuilt.release()

    thread = threading.Thread(
        target=watch_paths, args=([watched], rebuild), kwargs={"store": watched / "store", "stop": stop}
    )
    thread.start()
    try:
        assert rebuilt.acquire(timeout=30)
        for burst in range(2):
            for number in range(20):
                (watched / f"{burst}-{number}.txt").write_text(TEXT)
            (watched / ".hidden").write_text("not looked at")
            assert rebuilt.acquire(timeout=30)
        (watched / ".hidden").write_text("still not")
        assert not rebuilt.acquire(timeout=1.5)
    finally:
        stop.set()
        thread.join()
    assert count == [3]


def test_watch_follows_a_single_file_that_is_replaced(tmp_path: Path) -> None:
    file, stop, rebuilt = tmp_path / "one.txt", threading.Event(), threading.Semaphore(0)
    file.write_text(TEXT)
    kwargs = {"store": tmp_path / "store", "stop": stop}
    thread = threading.Thread(target=watch_paths, args=([file], rebuilt.release), kwargs=kwargs)
    thread.start()
    try:
        assert rebuilt.acquire(timeout=30)
        (tmp_path / "other.txt").write_text("not asked for")
        assert not rebuilt.acquire(timeout=1.5)
        for name in ("x", "y"):
            (tmp_path / name).write_text(TEXT + name)
            (tmp_path / name).rename(file)
            assert rebuilt.acquire(timeout=30)
    finally:
        stop.set()
        thread.join()


def test_watch_from_the_shell_ends_cleanly(folder: Path) -> None:
    command = [sys.executable, "-m", "index", "build", str(folder), "--watch"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where tests run in the background it is ignored
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert "2 new" in process.stdout.readline()
        (folder / "a.txt").write_text(TEXT + "One more sentence.\n")
        assert "1 changed" in process.stdout.readline()
        (folder / "a.txt").unlink()
        assert "1 removed" in process.stdout.readline()
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


class Lines:
    """A stream that keeps what is written."""

    def __init__(self, terminal: bool) -> None:
        self.text = ""
        self._terminal = terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_on_a_terminal_and_elsewhere(terminal: bool) -> None:
    stream = Lines(terminal)
    with Reporter(stream) as reporter:  # type: ignore[arg-type]
        reporter.on_progress(Progress("reading", 1, None, None))
        reporter.skips.add(Skipped("a.txt", "empty", "a.txt"))
        for done in (0, 5, 10):
            reporter.on_progress(Progress("embedding", done, 10, 10.0 - done))
    assert "embedding" in stream.text
    assert "skipped a.txt: empty\n" in stream.text
    assert ("\r" in stream.text) == terminal
    assert ("10 of 10 passages\n" in stream.text) != terminal


def test_progress_in_words() -> None:
    assert Progress("embedding", 128, 512, 6.4).text == "embedding: 128 of 512 passages, 6 s left"
    assert Progress("reading", 3, None, None).text == "reading: 3 articles"


def test_a_pipe_that_closes_early(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell(capsys, "build", folder)
    command = f"{sys.executable} -m index info | true"
    told = subprocess.run(
        ["bash", "-c", command], cwd=PROJECT, capture_output=True, text=True, env=dict(os.environ), check=True
    )
    assert told.stderr == ""
