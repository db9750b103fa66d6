"""Workers that die, lie, loop or eat: the file is named and skipped, the next is read, nothing is left running."""

import datetime
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import ArticleQAError, Skipped, read_articles
from index.articles import limits, wire, worker, workers
from index.articles.article import Article, make_article
from index.articles.confined import article_of
from index.articles.formats import read_stream
from index.articles.workers import WorkerLost
from tests.support.hostile_pdfs import PDFS
from tests.test_formats import BOOK, PAGE, WIDE, pdf, word, zipped

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def fresh_workers() -> Iterator[None]:
    """Workers of this test alone."""
    workers.end_idle()
    yield
    workers.end_idle()


def sabotage(monkeypatch: pytest.MonkeyPatch, statement: str, limit: str = "") -> None:
    """From now on a file whose name says `bad` makes its worker run `statement`; `limit` bounds it first."""
    code = (
        "import os, signal, sys, time\n"
        "from index.articles import limits, worker\n"
        f"{limit}\n"
        "read = worker.read_stream\n"
        "def reading(file, suffix, source, **how):\n"
        "    if 'bad' in source:\n"
        f"        {statement}\n"
        "    return read(file, suffix, source, **how)\n"
        "worker.read_stream = reading\n"
    )
    monkeypatch.setattr(workers, "_START", workers._START.replace("main()", f"exec({code!r}); main()"))


def read(*paths: Path) -> tuple[list[str], dict[str, str]]:
    """The sources of the articles and the reasons of what was skipped, by file name."""
    skipped: list[Skipped] = []
    found = [article.source for article in read_articles(paths, on_skip=skipped.append)]
    return [Path(source).name for source in found], {Path(item.source).name: item.reason for item in skipped}


def pages(folder: Path, *names: str) -> Path:
    """A folder of pages of these names."""
    for name in names:
        (folder / f"{name}.html").write_text(PAGE)
    return folder


# What comes over is what was read


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        (".html", PAGE.encode()),
        (".pdf", pdf(["Storks 1", f"They {WIDE}."], ["Storks 2", WIDE], ["Storks 3", WIDE], Author="Ann")),
        (".docx", word(lambda document: document.add_paragraph("Storks 😀"))),
        (".epub", zipped(BOOK)),
        (".md", b"---\npublished: 2024-05-20\n---\n# Storks\n" + b"Came. " * 9000),
        (".jsonl", b'{"text": "Storks.", "source": "own"}\n{"text": 5}\n'),
        (".zip", zipped({"a.txt": "Storks.", "bad.txt": b"\0", "b.csv": "text\nHerons\n"})),
    ],
)  # fmt: skip
def test_a_worker_says_what_reading_here_says(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    skipped: list[Skipped] = []
    articles = list(read_articles([path], on_skip=skipped.append))
    here = list(read_stream(io.BytesIO(data), suffix, str(path)))
    assert [article.digest for article in articles] == [
        Article(**{name: getattr(item, name) for name in item.__slots__ if name != "file"}, file=str(path)).digest
        for item in here
        if isinstance(item, Article)
    ]
    assert [(item.source, item.reason) for item in skipped] == [
        (item.source, item.reason) for item in here if isinstance(item, Skipped)
    ]


def test_an_article_comes_back_as_it_went() -> None:
    article = make_article("a\ud800b", "s", published=datetime.date(2024, 5, 20), pages=[0, 1], skip=[(0, 1)])
    assert article_of(worker.plain(article)) == article
    for values in ({}, {"published": 5, "pages": [], "skip": []}, {**worker.plain(article), "x": 1}):
        with pytest.raises(WorkerLost):
            article_of(dict(values))


def test_small_plain_text_needs_no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_started", lambda: pytest.fail("a worker was started"))
    (tmp_path / "a.md").write_text("# Storks\n\nCame.")
    assert read(tmp_path) == (["a.md"], {})


def test_one_worker_reads_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[workers.Worker] = []
    start = workers._started

    def starting() -> workers.Worker:
        started.append(start())
        return started[-1]

    monkeypatch.setattr(workers, "_started", starting)
    assert read(pages(tmp_path, *"abcd")) == (["a.html", "b.html", "c.html", "d.html"], {})
    assert read(tmp_path)[0] == ["a.html", "b.html", "c.html", "d.html"]
    assert len(started) == 1
    started[0]._process.kill()  # as the system does when memory is short
    started[0]._process.wait()
    assert read(tmp_path)[0] == ["a.html", "b.html", "c.html", "d.html"]
    assert len(started) == 2


def test_a_worker_is_kept_however_much_its_owner_holds(tmp_path: Path) -> None:
    pages(tmp_path, "a")
    owner = (
        "import sys; held = bytearray(b'x') * 700_000_000; from index import read_articles; "
        "from index.articles import workers; list(read_articles([sys.argv[1]])); print(len(workers._idle))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", owner, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.stdout == "1\n", ran.stderr


# Bounds


def test_a_file_that_takes_too_long_is_named_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SECONDS", 1)
    (tmp_path / "endless.pdf").write_bytes(PDFS["lines in a packed page"]())  # type: ignore[arg-type]
    pages(tmp_path, "z")
    assert read(tmp_path) == (["z.html"], {"endless.pdf": "it takes over 2 s to read"})


def test_a_worker_that_only_waits_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotage(monkeypatch, "time.sleep(1000)")
    monkeypatch.setattr(limits, "PATIENCE", 0.1)
    assert read(pages(tmp_path, "bad", "z")) == (["z.html"], {"bad.html": "it takes over 21 s to read"})


def test_a_file_that_takes_too_much_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotage(monkeypatch, "bytes(1 << 30)", "limits.MEMORY_BYTES = 1 << 29")
    found, skipped = read(pages(tmp_path, "bad", "z"))
    assert (found, skipped) == (["z.html"], {"bad.html": "it takes more memory than a file may"})


def test_a_text_that_is_too_long_is_refused_by_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotage(monkeypatch, "pass", "limits.MAX_ARTICLE_BYTES = 500")
    assert read(pages(tmp_path, "a"))[1] == {"a.html": "its text is larger than 0 MB"}
    workers.end_idle()
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MAX_ARTICLE_BYTES", 500)
    assert read(pages(tmp_path, "a"))[1] == {"a.html": "its reader went astray"}


def test_all_the_articles_of_a_file_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OUTPUT_CHARACTERS", 20)
    (tmp_path / "a.jsonl").write_text('{"text": "Storks."}\n' * 5)
    found, skipped = read(tmp_path)
    assert found == ["a.jsonl#1", "a.jsonl#2"]
    assert skipped == {"a.jsonl": "it unpacks to over 20 characters: what follows was not read"}


# Deaths


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "its parser broke down (SIGSEGV)"),
        ("os.abort()", "its parser broke down (SIGABRT)"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "its parser broke down (SIGKILL)"),
        ("os._exit(3)", "its reader ended with exit code 3"),
        ("os.write(int(sys.argv[1]), b'x' * 99)", "its reader went astray"),
        ("os.write(int(sys.argv[1]), (3).to_bytes(8, 'little') + b'{}}')", "its reader went astray"),
        ("os.write(int(sys.argv[1]), (2).to_bytes(8, 'little') + b'[]')", "its reader went astray"),
        ("os.write(int(sys.argv[1]), (13).to_bytes(8, 'little') + b'[\"article\",5]')", "its reader went astray"),
        ("raise RecursionError", "its reader ended with exit code 1"),
    ],
)
def test_a_worker_that_dies_or_babbles_costs_its_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, reason: str
) -> None:
    sabotage(monkeypatch, statement)
    assert read(pages(tmp_path, "a", "bad", "z")) == (["a.html", "z.html"], {"bad.html": reason})


def test_a_worker_that_cannot_be_started_is_no_fault_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages(tmp_path, "a")
    monkeypatch.setattr(workers, "_START", "import sys; sys.exit(1)")
    with pytest.raises(ArticleQAError, match=r"cannot start a process to read files in \(.*exit code 1\)") as error:
        read(tmp_path)
    assert "\n" not in str(error.value)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(ArticleQAError, match="cannot start a process"):
        read(tmp_path)


def test_whoever_stops_in_the_middle_leaves_no_worker_behind(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Storks."}\n' * 100_000)
    stream = read_articles([tmp_path])
    next(stream)
    reading = set(workers_of(os.getpid()))  # idle ones of earlier tests among them
    stream.close()  # type: ignore[attr-defined]
    assert len(set(workers_of(os.getpid())) & reading) == len(reading) - 1


def test_a_worker_does_not_outlive_its_owner(tmp_path: Path) -> None:
    (tmp_path / "endless.pdf").write_bytes(PDFS["lines in a packed page"]())  # type: ignore[arg-type]
    code = (
        "from index.articles import limits, read_articles; limits.SECONDS = 1; print(1, flush=True)\n"
        f"list(read_articles([{str(tmp_path)!r}]))"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    with owner:
        owner.stdout.readline()  # type: ignore[union-attr]
        while not (left := workers_of(owner.pid)):
            time.sleep(0.05)
        owner.send_signal(signal.SIGKILL)
    while any(is_running(pid) for pid in left):
        time.sleep(0.05)


def workers_of(pid: int) -> list[int]:
    """The children of a process that are still running."""
    return [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/stat")
        if (fields := status(path)) and fields[1] == str(pid) and fields[0] != "Z"
    ]


def is_running(pid: int) -> bool:
    """Whether there is such a process, and no mere entry for one that has ended."""
    fields = status(Path(f"/proc/{pid}/stat"))
    return bool(fields) and fields[0] != "Z"


def status(path: Path) -> list[str]:
    """State, parent and the rest of a process; nothing when it has gone."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []


# Archives


def test_the_members_after_a_lost_one_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotage(monkeypatch, "pass", _ONE_MEMBER)
    (tmp_path / "x.zip").write_bytes(zipped({"a.txt": "Storks.", "bad.txt": "Rails.", "c.txt": "Herons."}))
    assert read(tmp_path) == (
        ["x.zip!a.txt", "x.zip!c.txt"],
        {"x.zip!bad.txt": "its parser broke down (SIGSEGV)"},
    )


def test_an_archive_of_lost_members_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotage(monkeypatch, "pass", _ONE_MEMBER)
    monkeypatch.setattr(limits, "LOST_MEMBERS", 2)
    (tmp_path / "x.zip").write_bytes(zipped({f"{name}.txt": "Storks." for name in ("a", "bad1", "bad2", "c")}))
    found, skipped = read(tmp_path)
    assert found == ["x.zip!a.txt"]
    assert list(skipped) == ["x.zip!bad1.txt", "x.zip!bad2.txt", "x.zip"]
    assert skipped["x.zip"] == f"given up after {tmp_path}/x.zip!bad2.txt: what follows was not read"


def test_a_member_that_holds_more_than_it_says_is_not_unpacked(tmp_path: Path) -> None:
    from tests.support.hostile_archives import lying, zeros

    for name in ("a.txt", "a.html", "a.csv"):
        (tmp_path / "x.zip").write_bytes(lying(name, zeros(300_000_000), 100))
        _, skipped = read(tmp_path)
        assert len(skipped) == 1
        (waiting,) = workers._idle
        assert peak_bytes(waiting._process.pid) < 150_000_000
        with zipfile.ZipFile(tmp_path / "x.zip") as archive:
            assert archive.getinfo(name).file_size == 100


def peak_bytes(pid: int) -> int:
    """The most memory that a process has held."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) * 1024


_ONE_MEMBER = """
from index.articles import formats
member = formats._read_member
def reading(archive, info, place):
    if 'bad' in place:
        os.kill(os.getpid(), signal.SIGSEGV)
    return member(archive, info, place)
formats._read_member = reading
"""


def test_messages_are_bounded_and_come_whole() -> None:
    import socket

    mine, its = socket.socketpair()
    with mine, its:
        wire.send(mine, wire.encoded(["é\ud800", 1, None]))
        assert wire.receive(its, 100) == ["é\ud800", 1, None]
        wire.send(mine, wire.encoded("x" * 200))
        with pytest.raises(wire.Overlong):
            wire.receive(its, 100)
        mine.close()
        with pytest.raises((EOFError, ValueError, wire.Overlong)):
            while True:
                wire.receive(its, 100)
