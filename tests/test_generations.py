"""One writer, many readers; going back; letting go."""

import fcntl
import gc
import json
import multiprocessing
import sqlite3
import threading
import weakref
from pathlib import Path

import pytest

from index import (
    InputError,
    PassageIndex,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreMissing,
    history,
    read_articles,
    rollback,
    verify,
)
from index.store import VECTORS, folder_of, generations, writing
from index.store.lock import LOCK
from index.store.paths import WORK
from tests.support.synthetic import HashingEmbedder, articles, build, everything, opened

PATIENT = 60.0  # however slow the machine, the first question waits for the new generation


def patient(store: Path) -> PassageIndex:
    return opened(store, patience=PATIENT)


def numbers(store: Path) -> list[tuple[int, bool]]:
    return [(info.generation, info.live) for info in history(store)]


def hold(store: Path, held: object, let_go: object) -> None:
    with writing(store):
        held.set()  # type: ignore[attr-defined]
        let_go.wait(60)  # type: ignore[attr-defined]


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    store = tmp_path / "store"
    build(store, articles(2))
    context = multiprocessing.get_context("spawn")
    held, let_go = context.Event(), context.Event()
    process = context.Process(target=hold, args=(store, held, let_go))
    process.start()
    assert held.wait(60)
    for write in (lambda: build(store, articles(3)), lambda: rollback(store)):
        with pytest.raises(StoreBusy, match=rf"process {process.pid} \(.*since 2"):
            write()
    assert len(opened(store).articles()) == 2  # readers do not wait
    process.kill()
    process.join()
    assert (store / LOCK).read_bytes()  # what it left does not keep anyone out
    build(store, articles(3))
    assert (store / LOCK).read_bytes() == b""


def test_a_lock_whose_holder_has_not_signed(tmp_path: Path) -> None:
    with writing(tmp_path / "store"):
        (tmp_path / "store" / LOCK).write_bytes(b"")
        with pytest.raises(StoreBusy, match="another process"), writing(tmp_path / "store"):
            pass


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file, not a store"):
        build(tmp_path / "file", articles(1))
    with pytest.raises(StoreMissing):
        opened(tmp_path / "file")


def test_what_comes_to_nothing_leaves_nothing(tmp_path: Path) -> None:
    def bad(there: Path) -> None:
        with pytest.raises(InputError, match="no such file"):
            PassageIndex.build(read_articles([tmp_path / "mistyped"]), there, embedder=HashingEmbedder())
        with pytest.raises(InputError, match="nothing to search"):
            build(there, [])
        with pytest.raises(StoreMissing):
            PassageIndex.remove(["x"], there, embedder=HashingEmbedder())

    bad(tmp_path / "new" / "store")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty").mkdir()
    bad(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []
    (tmp_path / "empty" / "notes.txt").write_text("not ours")
    bad(tmp_path / "empty")
    assert (tmp_path / "empty" / "notes.txt").read_text() == "not ours"
    build(tmp_path / "store", articles(1))
    with pytest.raises(InputError):
        build(tmp_path / "store", [])
    assert generations(tmp_path / "store") == [1]
    assert (tmp_path / "store" / LOCK).exists()


def test_a_lock_file_that_its_holder_took_away(tmp_path: Path) -> None:
    """Who has opened the lock file before it went must not take that for the lock."""
    store = tmp_path / "store"
    taken: list[int] = []

    def take_away(handle: int, operation: int) -> None:
        if not taken:
            (store / LOCK).unlink()
        taken.append(handle)
        flock(handle, operation)

    flock = fcntl.flock
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", take_away)
        with writing(store):
            assert len(taken) == 2
            with pytest.raises(StoreBusy), writing(store):
                pass


def test_old_generations_go_past_the_bound(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for version in range(4):
        build(store, articles(2, version))
    assert numbers(store) == [(4, True), (3, False)]
    build(store, articles(2, 4), keep=4)
    assert numbers(store) == [(5, True), (4, False), (3, False)]
    build(store, articles(2, 5), keep=1)
    assert numbers(store) == [(6, True)]
    with pytest.raises(StoreError, match="no earlier whole generation"):
        rollback(store)
    with pytest.raises(InputError, match="keep must be at least 1"):
        build(store, articles(2), keep=0)


def test_rollback_and_on_from_there(tmp_path: Path) -> None:
    store = tmp_path / "store"
    seen = {}
    for version in range(2):
        build(store, articles(2, version))
        seen[version + 1] = everything(opened(store).current())
    index = patient(store)
    assert rollback(store).generation == 1
    assert everything(index.current()) == seen[1]
    assert numbers(store) == [(2, False), (1, True)]
    with pytest.raises(StoreError, match="no earlier"):
        rollback(store)
    build(store, articles(2, 2))
    assert numbers(store) == [(3, True), (1, False)]  # not the one that was gone back from
    rollback(store)
    assert everything(index.current()) == seen[1]


def test_rollback_passes_over_a_damaged_generation(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for version in range(3):
        build(store, articles(2, version), keep=3)
    path = folder_of(store, 2) / VECTORS
    path.write_bytes(path.read_bytes()[:-1])
    assert rollback(store).generation == 1
    assert [problem.file for problem in verify(store)] == [f"generations/000002/{VECTORS}"]
    with pytest.raises(StoreMissing):
        rollback(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_an_opened_index_takes_up_new_generations(tmp_path: Path) -> None:
    store = tmp_path / "store"
    build(store, articles(2))
    index = patient(store)
    old = index.current()
    before = everything(old)
    for version in range(1, 4):
        build(store, articles(2, version))
        assert index.generation == index.manifest.generation == version + 1
    assert generations(store) == [3, 4]
    assert everything(old) == before  # though its files are gone


def test_old_generations_are_let_go(tmp_path: Path) -> None:
    build(tmp_path / "store", articles(2))
    index = patient(tmp_path / "store")
    old = weakref.ref(index.current())
    build(tmp_path / "store", articles(2, 1))
    assert index.generation == 2
    gc.collect()
    assert old() is None


def test_questions_go_on_while_a_new_generation_opens(tmp_path: Path) -> None:
    may_open = threading.Event()

    class Slow(HashingEmbedder):
        """Its digest, which every opening compares, is long in coming once `slow` is set."""

        slow = False

        @property
        def digest(self) -> str:
            assert not self.slow or may_open.wait(60)
            return super().digest

    store, embedder = tmp_path / "store", Slow()
    build(store, articles(2))
    index = opened(store, embedder, patience=0.0)
    build(store, articles(2, 1))
    embedder.slow = True
    for _ in range(3):
        assert index.generation == 1
        assert index.search("amber report")
    may_open.set()
    while index.generation != 2:  # a failure to take it up would be a time-out of the whole run
        pass


def test_what_cannot_be_taken_up_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = tmp_path / "store"
    build(store, articles(2))
    index = patient(store)
    eager = opened(store, patience=PATIENT, retry=0.0)
    before = everything(index.current())
    build(store, articles(2, 1))
    path = folder_of(store, 2) / VECTORS
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    for _ in range(3):
        assert everything(index.current()) == before
    warnings = [record for record in caplog.records if "answering from generation 1" in record.message]
    assert len(warnings) == 1
    path.write_bytes(data)
    assert eager.generation == 2
    (store / "CURRENT").unlink()
    assert eager.generation == 2
    with pytest.raises(StoreDamaged):
        opened(store)


def test_many_threads_share_one_index(tmp_path: Path) -> None:
    build(tmp_path / "store", articles(5))
    index = opened(tmp_path / "store")
    expected = everything(index.current())
    wrong: list[object] = []

    def ask() -> None:
        for _ in range(5):
            if everything(index.current()) != expected:
                wrong.append(index)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_close(tmp_path: Path) -> None:
    build(tmp_path / "store", articles(1))
    index = opened(tmp_path / "store")
    index.close()
    index.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        index.search("report", 1)


def test_leftovers_of_killed_builds_are_cleaned(tmp_path: Path) -> None:
    store = tmp_path / "store"
    build(store, articles(2))
    for name in ("draft/lexical", "removed-000009"):
        (store / WORK / name).mkdir(parents=True)
    (store / WORK / "staging.sqlite").write_text("half")
    folder_of(store, 9).mkdir()  # moved there, and killed before the switch
    assert build(store, articles(2, 1), HashingEmbedder()).generation == 10
    assert numbers(store) == [(10, True), (1, False)]
    assert not (store / WORK).exists()
    assert generations(store) == [1, 10]
    assert json.dumps([problem.file for problem in verify(store)]) == "[]"


def test_index_is_importable_without_torch() -> None:
    import subprocess
    import sys

    heavy = ("torch", "gradio", "faiss", "onnxruntime")
    code = f"import sys, index; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_build_is_a_classmethod_with_the_default_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTICLE_QA_STORE", str(tmp_path / "elsewhere"))
    PassageIndex.build(articles(1), embedder=HashingEmbedder())
    assert history()[0].articles == 1
    assert verify() == []
