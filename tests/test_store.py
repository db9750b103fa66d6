"""What lies on disk: damage is found and named before any library sees it."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from index import (
    PassageIndex,
    StoreDamaged,
    StoreMismatch,
    StoreMissing,
    default_store,
    history,
    rollback,
    verify,
)
from index.__main__ import main
from index.checksum import file_sha256
from index.store import ARTICLES, VECTORS, folder_of, generations
from index.store.manifest import CURRENT, MANIFEST, parse_current, read_manifest, render_current, render_manifest
from tests.support.synthetic import articles, build, opened


@pytest.fixture
def store(tmp_path: Path) -> Path:
    build(tmp_path / "store", articles(4))
    build(tmp_path / "store", articles(4, version=1))
    return tmp_path / "store"


def rewrite(folder: Path, **changes: object) -> None:
    """Change the manifest as somebody with intent would: checksums made right again."""
    import dataclasses

    manifest = read_manifest(folder / MANIFEST, "")
    listed = tuple(
        dataclasses.replace(file, bytes=(folder / file.name).stat().st_size, sha256=file_sha256(folder / file.name))
        for file in manifest.files
    )
    made = dataclasses.replace(manifest, **{"files": listed, **changes})  # type: ignore[arg-type]
    (folder / MANIFEST).write_bytes(render_manifest(made))


def test_default_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARTICLE_QA_STORE", raising=False)
    assert default_store() == Path(__file__).resolve().parent.parent / "store"
    monkeypatch.setenv("ARTICLE_QA_STORE", "/somewhere/else")
    assert default_store() == Path("/somewhere/else")


def test_nothing_is_pickled(store: Path) -> None:
    names = {path.relative_to(store).as_posix() for path in store.rglob("*") if path.is_file()}
    assert {"CURRENT", "LOCK", f"generations/000002/{MANIFEST}"} <= names
    assert not any(name.endswith((".pkl", ".pickle")) for name in names)
    for path in store.rglob("*.npy"):
        np.load(path, allow_pickle=False)


@pytest.mark.parametrize("number", [0, 1, 7, 999_999, 1_000_000])
def test_current_round_trip(number: int) -> None:
    data = render_current(number)
    assert parse_current(data) == number
    for place in range(len(data)):
        for bit in range(8):
            altered = bytearray(data)
            altered[place] ^= 1 << bit
            assert parse_current(bytes(altered)) is None
    assert parse_current(b"") is None


def test_manifest_round_trip_and_every_flipped_bit(store: Path) -> None:
    path = folder_of(store, 2) / MANIFEST
    data = path.read_bytes()
    assert render_manifest(read_manifest(path, "")) == data
    for place in range(0, len(data), 5):
        altered = bytearray(data)
        altered[place] ^= 1 << place % 8
        path.write_bytes(altered)
        with pytest.raises(StoreDamaged):
            read_manifest(path, "")


@pytest.mark.parametrize(
    "name", ["articles.sqlite", "vectors.npy", "lexical/lexical.json", "lexical/rows.npy", MANIFEST]
)
def test_missing_and_short_files_are_named(store: Path, name: str) -> None:
    path = folder_of(store, 2) / name
    data = path.read_bytes()
    for harm in (lambda: path.write_bytes(data[:-1]), lambda: path.write_bytes(data + b"\n"), path.unlink):
        harm()
        with pytest.raises(StoreDamaged, match=rf"{name}.*index verify.*index rollback"):
            opened(store)
        assert [problem.file for problem in verify(store)] == [f"generations/000002/{name}"]
        path.write_bytes(data)
    assert verify(store) == []


def test_damage_to_current(store: Path) -> None:
    (store / CURRENT).write_bytes(b"000001\n")
    with pytest.raises(StoreDamaged, match="CURRENT is not what was written"):
        opened(store)
    assert [problem.file for problem in verify(store)] == ["CURRENT"]
    (store / CURRENT).unlink()
    with pytest.raises(StoreDamaged, match="CURRENT is missing"):
        opened(store)
    assert rollback(store).generation == 2
    assert verify(store) == []
    (store / CURRENT).write_bytes(render_current(9))
    assert [problem.file for problem in verify(store)] == ["CURRENT"]
    with pytest.raises(StoreDamaged):
        opened(store)


def test_a_damaged_store_is_built_anew(store: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = folder_of(store, 2) / VECTORS
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(StoreDamaged):
        PassageIndex.remove([articles(1)[0].source], store)
    summary = build(store, articles(4, version=1))
    assert (summary.new, summary.embedded) == (4, summary.passages)
    assert "building from nothing" in caplog.text
    assert len(opened(store).articles()) == 4


def test_another_format_is_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(folder_of(store, 2), format=0)
    assert main(["info", "--store", str(store)]) == 2
    assert f"index build PATH... --store {store}" in capsys.readouterr().err
    with pytest.raises(StoreMismatch, match=rf"format 0, this version reads 4.*index build PATH... --store {store}`"):
        opened(store)
    assert build(store, articles(4)).new == 4
    assert len(opened(store).articles()) == 4


def test_another_analyzer_is_refused(store: Path) -> None:
    rewrite(folder_of(store, 2), analyzer=0)
    with pytest.raises(StoreMismatch, match="another version's word index"):
        opened(store)
    summary = build(store, articles(4, version=1))
    assert (summary.changed_generation, summary.unchanged, summary.embedded) == (True, 4, 0)
    assert verify(store) == []
    assert len(opened(store).articles()) == 4


def change(folder: Path, sql: str) -> None:
    connection = sqlite3.connect(folder / ARTICLES)
    with connection:
        connection.execute(sql)
    connection.close()


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("UPDATE passages SET start = start + 1 WHERE row = 5", "not the text at its offsets"),
        ("UPDATE passages SET heading = 'Other' WHERE row = 5", "not the text at its offsets"),
        ("UPDATE texts SET text = 'x' || text", "the article is not what was stored"),
        ("UPDATE articles SET title = 'Other'", "the article is not what was stored"),
        ("DELETE FROM passages WHERE row = 5", "not numbered in order"),
        ("DELETE FROM articles WHERE source = 'report-1.txt'", "not the manifest's"),
    ],
)
def test_verify_looks_at_the_content_too(store: Path, sql: str, reason: str) -> None:
    change(folder_of(store, 2), sql)
    rewrite(folder_of(store, 2))
    problems = verify(store)
    assert {problem.file for problem in problems} == {f"generations/000002/{ARTICLES}"}
    assert any(reason in problem.reason for problem in problems), problems


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1.5])
def test_verify_looks_at_the_vectors_too(store: Path, value: float) -> None:
    path = folder_of(store, 2) / VECTORS
    vectors = np.load(path)
    vectors[3] = value
    np.save(path, vectors)
    rewrite(folder_of(store, 2))
    (problem,) = verify(store)
    assert problem.file.endswith(VECTORS)
    assert "finite" in problem.reason


def test_history_leaves_unreadable_manifests_to_verify(store: Path) -> None:
    (folder_of(store, 1) / MANIFEST).write_text(json.dumps({}))
    assert [info.generation for info in history(store)] == [2]
    with pytest.raises(StoreMissing):
        history(store.parent / "none")
    assert generations(store.parent / "none") == []
