"""A store that is changed on disk while it is open: nothing changed is served as true."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from index import Filter, PassageIndex, StoreDamaged, StoreError
from index.store.database import ARTICLES
from index.store.paths import folder_of, generations
from tests.support.synthetic import article, articles, build, everything, opened


@pytest.fixture
def store(tmp_path: Path) -> Path:
    build(tmp_path / "store", [*articles(5), article("mill")])
    return tmp_path / "store"


def file_of(store: Path) -> Path:
    return folder_of(store, 1) / ARTICLES


def change(store: Path, sql: str) -> None:
    connection = sqlite3.connect(file_of(store))
    with connection:
        connection.execute(sql)
    connection.close()


def forget(index: PassageIndex) -> None:
    """Have SQLite read from the disk again, as it does when its cache is full."""
    index.current()._database.query("PRAGMA shrink_memory")


def refused(ask: Callable[[], object], store: Path) -> None:
    """The one line names the file, what helps, and for which store."""
    with pytest.raises(StoreDamaged) as error:
        ask()
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(f"{file_of(store)} has changed on disk (")
    assert f"`python -m index rollback --store {store}`" in message
    assert f"`python -m index build PATH... --store {store}`" in message


def test_one_flipped_byte_of_a_text_is_refused_and_the_others_are_read(store: Path) -> None:
    index = opened(store)
    hit = index.search("mill keeper", 1)[0]
    index.close()
    index = opened(store)
    data = bytearray(file_of(store).read_bytes())
    data[data.index(b"The mill stands by the river")] ^= 1
    file_of(store).write_bytes(data)
    refused(lambda: index.article(hit.article.id), store)
    refused(lambda: index.search("mill keeper", 1), store)
    refused(lambda: index.passages(hit.article.id), store)
    whole = [info.id for info in index.articles() if info.id != hit.article.id]
    assert [index.article(identity).id for identity in whole] == whole
    assert index.search("amber report", 1)[0].article.source.startswith("report")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE passages SET start = start + 1",
        "UPDATE passages SET start = 'x'",
        "UPDATE passages SET end = end - 1",
        "UPDATE passages SET heading = 'Other'",
        "UPDATE passages SET words = x'00'",
        "UPDATE passages SET article_id = 'none'",
        "DELETE FROM passages",
        "UPDATE texts SET text = 'Storks never came.'",
        "UPDATE texts SET text = x'ff'",
        "UPDATE texts SET text = CAST(x'ff' AS TEXT)",
        "DELETE FROM texts",
        "UPDATE articles SET title = 'Other'",
        "UPDATE articles SET published = 'Other'",
        "UPDATE articles SET pages = '{'",
        "UPDATE articles SET skip = '[5]'",
        "UPDATE articles SET digest = 'Other'",
        "UPDATE articles SET id = 'none' || id",
        "DROP TABLE passages",
    ],
)
def test_changed_rows_are_refused(store: Path, sql: str) -> None:
    index = opened(store)
    change(store, sql)
    forget(index)
    refused(lambda: index.search("amber report", 3), store)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE articles SET title = 'Other'",
        "UPDATE articles SET first_row = 0",
        "DELETE FROM articles WHERE title < 'B'",
    ],
)
def test_changed_lists_are_refused(store: Path, sql: str) -> None:
    index = opened(store)
    change(store, sql)
    forget(index)
    refused(lambda: index.search("report", where=Filter(source="report")), store)
    if "first_row" not in sql:
        refused(index.articles, store)


def test_every_flipped_byte_is_refused_or_changes_nothing(store: Path) -> None:
    truth = everything(opened(store).current())
    whole = file_of(store).read_bytes()
    found = {"refused": 0, "true": 0}
    for place in range(0, len(whole), len(whole) // 150):
        index = opened(store)
        altered = bytearray(whole)
        altered[place] ^= 0x41
        file_of(store).write_bytes(altered)
        forget(index)
        try:
            assert everything(index.current()) == truth, place
            found["true"] += 1
        except StoreDamaged as error:
            assert "has changed on disk" in str(error)
            found["refused"] += 1
        index.close()
        file_of(store).write_bytes(whole)
    assert min(found.values()) > 0


PAGE = 4096  # bytes, of SQLite's default


def damaged(whole: bytes, number: int, how: str, before: bytes) -> bytes:
    """A database with one page that is not what was written."""
    pages = [whole[at : at + PAGE] for at in range(0, len(whole), PAGE)]
    page, other = pages[number], pages[(number + 1) % len(pages)]
    pages[number] = {
        "zeros": bytes(PAGE),
        "half lost": page[: PAGE // 2] + bytes(PAGE // 2),
        "half torn": page[: PAGE // 2] + other[PAGE // 2 :],
        "another page": other,
        "the first page": pages[0],
        "of the store before": before[number * PAGE :][:PAGE].ljust(PAGE, b"\0"),
        "turned bits": bytes(byte ^ 0x55 for byte in page),
    }[how]
    return b"".join(pages)


def found(index: PassageIndex, query: str, where: Filter | None) -> object:
    """What a search shows."""
    return [(hit.passage, hit.score, hit.also) for hit in index.search(query, 5, where=where)]


def readings(index: PassageIndex) -> dict[str, Callable[[], object]]:
    """Everything that can be asked of a store, each by itself."""
    where = Filter(title="*REPORT*", source="report")
    asked: dict[str, Callable[[], object]] = {"list": index.articles, "number": lambda: index.manifest.passages}
    for info in index.articles():
        asked[f"article {info.source}"] = partial(index.article, info.id)
        asked[f"passages {info.source}"] = partial(index.passages, info.id)
    for query in ("amber report", "the delta was seen", "keeper", "mill"):
        asked[f"search {query}"] = partial(found, index, query, None)
        asked[f"filtered {query}"] = partial(found, index, query, where)
    return asked


@pytest.mark.parametrize(
    "how", ["zeros", "half lost", "half torn", "another page", "the first page", "of the store before", "turned bits"]
)
def test_no_damaged_page_says_anything_false(tmp_path: Path, how: str) -> None:
    store = tmp_path / "store"
    build(tmp_path / "before", [*articles(9, version=1), article("mill", text="The mill has burnt down.")])
    build(store, [*articles(9), article("mill")])
    whole, before = file_of(store).read_bytes(), file_of(tmp_path / "before").read_bytes()
    index = opened(store)
    truth = {name: ask() for name, ask in readings(index).items()}
    index.close()
    came = {"refused": 0, "true": 0}
    for number in range(len(whole) // PAGE):
        index = opened(store)
        asked = readings(index)
        file_of(store).write_bytes(damaged(whole, number, how, before))
        for name, ask in asked.items():
            forget(index)
            try:
                assert ask() == truth[name], (number, name)
                came["true"] += 1
            except StoreDamaged as error:
                assert f"{file_of(store)} has changed on disk (" in str(error)
                came["refused"] += 1
        index.close()
        file_of(store).write_bytes(whole)
    assert min(came.values()) > 100


def test_a_file_cut_short_is_refused(store: Path) -> None:
    index = opened(store)
    with file_of(store).open("r+b") as file:
        file.truncate(4096)
    forget(index)
    refused(lambda: index.search("amber report", 3), store)


def test_a_closed_index_is_the_programs_mistake_and_no_damage(store: Path) -> None:
    index = opened(store)
    index.close()
    with pytest.raises(sqlite3.ProgrammingError):
        index.articles()


def test_folders_that_may_not_be_read_are_named(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may read everything, so the refusal is made where the system would make it.
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    whole = Path.read_bytes
    with monkeypatch.context() as patched, pytest.raises(StoreError, match=r"cannot read .*manifest.json: Permission"):
        patched.setattr(Path, "read_bytes", lambda path: (refuse if path.name == "manifest.json" else whole)(path))
        opened(store)
    with monkeypatch.context() as patched, pytest.raises(StoreError, match=r"cannot read .*generations: Permission"):
        patched.setattr(Path, "iterdir", refuse)
        generations(store)
    with pytest.raises(StoreError, match=r"cannot write the store at .*File name too long"):
        build(store / ("x" * 300), articles(1))
