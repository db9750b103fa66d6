import datetime
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Article, Skipped, formats, make_article, read_articles, source_of
from index.articles import read as reading
from index.errors import InputError
from index.project import PROJECT


def read(*paths: Path | str) -> tuple[list[Article], dict[str, str]]:
    """The articles in `paths`, and the reasons of what was skipped by file name."""
    skipped: list[Skipped] = []
    found = list(read_articles(list(paths), on_skip=skipped.append))
    return found, {item.source.rpartition("/")[2]: item.reason for item in skipped}


def write(path: Path, content: str | bytes = "Storks came back to Ely.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# Articles


def test_identity_is_the_source_and_version_is_every_field() -> None:
    article = make_article("Storks.", "a.txt", title="Birds", published=datetime.date(2024, 5, 20))
    assert article.id == make_article("Other.", "a.txt").id != make_article("Storks.", "b.txt").id
    assert len(article.id) == 16
    same = make_article("Storks.", "a.txt", title="Birds", published=datetime.date(2024, 5, 20))
    assert article.digest == same.digest
    others = [
        make_article("Storks!", "a.txt", title="Birds", published=article.published),
        make_article("Storks.", "b.txt", title="Birds", published=article.published),
        make_article("Storks.", "a.txt", title="Fowl", published=article.published),
        make_article("Storks.", "a.txt", title="Birds"),
        make_article("Storks.", "a.txt", title="Birds", published=article.published, author="Ann"),
        make_article("Storks.", "a.txt", title="Birds", published=article.published, pages=[0]),
        make_article("Storks.", "a.txt", title="Birds", published=article.published, skip=[(0, 1)]),
    ]
    assert len({article.digest, *(other.digest for other in others)}) == 8


def test_pages_are_found_by_offset() -> None:
    article = make_article("one\ntwo\nthree\n", "a.pdf", pages=[0, 4, 8])
    assert [article.page_at(offset) for offset in (0, 3, 4, 7, 8, 13)] == [1, 1, 2, 2, 3, 3]
    assert make_article("one", "a.txt").page_at(0) is None


# Which files are read


def test_a_folder_is_read_in_order_without_hidden_and_foreign_files(tmp_path: Path) -> None:
    for name in ("b.md", "a.txt", "C.TXT", "sub/z.txt", "sub/deep/y.md", ".hidden.txt", ".git/x.txt"):
        write(tmp_path / name)
    for name in ("README.md", "sub/readme.md", "picture.jpg", "noending"):
        write(tmp_path / name)
    found, skipped = read(tmp_path)
    names = [Path(article.source).relative_to(tmp_path).as_posix() for article in found]
    assert names == ["C.TXT", "a.txt", "b.md", "sub/z.txt", "sub/deep/y.md"]
    assert skipped == {}


def test_what_is_named_is_read_even_where_a_folder_would_leave_it_out(tmp_path: Path) -> None:
    found, _ = read(write(tmp_path / "README.md"), write(tmp_path / ".hidden.txt"))
    assert len(found) == 2


def test_a_named_file_of_another_format_is_reported_with_those_that_are_read(tmp_path: Path) -> None:
    found, skipped = read(write(tmp_path / "a.txt"), write(tmp_path / "b.jpg"))
    assert len(found) == 1
    assert skipped["b.jpg"].startswith("not a format that is read") and ".epub" in skipped["b.jpg"]


def test_a_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    one = write(tmp_path / "sub" / "a.txt")
    found, skipped = read(one, tmp_path, tmp_path / "sub", f"{tmp_path}/sub/../sub/a.txt")
    assert len(found) == 1 and skipped == {}


def test_the_same_text_in_two_files_stays_two_articles(tmp_path: Path) -> None:
    found, _ = read(write(tmp_path / "a.txt"), write(tmp_path / "b.txt"))
    assert found[0].text == found[1].text and found[0].id != found[1].id


def test_reading_is_lazy(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.txt"), write(tmp_path / "b.txt")
    stream = read_articles([tmp_path])
    assert next(stream).source == str(first)
    second.unlink()
    second.with_name("c.txt").write_text("Herons.")
    assert list(stream) == []  # the folder had been listed, and b.txt is skipped


@pytest.mark.parametrize("name", ["missing.txt", "missing", "a.txt/b.txt", "nul\0byte", "n" * 300, ""])
def test_a_path_that_does_not_exist_is_the_users_mistake(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a.txt")
    path = name and f"{tmp_path}/{name}"
    with pytest.raises(InputError, match="no such file or folder") as error:
        next(read_articles([tmp_path, path]))
    assert "\n" not in str(error.value) and error.value.exit_code == 2


def test_no_article_at_all_is_the_users_mistake(tmp_path: Path) -> None:
    write(tmp_path / "README.md")
    with pytest.raises(InputError, match=r"no article in .*\.txt, \.md"):
        list(read_articles([tmp_path]))
    with pytest.raises(InputError, match="no path was given"):
        list(read_articles([]))


def test_strict_stops_at_the_first_bad_file(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "b.txt", "")
    with pytest.raises(InputError, match=r"b\.txt: empty"):
        list(read_articles([tmp_path], strict=True))


def test_sources_are_relative_within_the_project_and_absolute_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_of("a.txt") == f"{tmp_path}/a.txt"
    assert source_of(PROJECT / "seeds" / "x.md") == "seeds/x.md"
    assert source_of(PROJECT / "index" / ".." / "seeds" / "x.md") == "seeds/x.md"


# Hostile folders


def test_odd_names_are_shown_on_one_line(tmp_path: Path) -> None:
    write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")))
    write(tmp_path / "two\nlines.txt")
    write(tmp_path / "bad\nname.txt", b"\0")
    found, skipped = read(tmp_path)
    names = [article.source.rpartition("/")[2] for article in found]
    assert names == ["caf\\udce9.txt", "two\\nlines.txt"]
    assert skipped == {"bad\\nname.txt": "binary file"}
    for article in found:
        article.source.encode()


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    write(tmp_path / "real" / "a.txt")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "real" / "self.txt").symlink_to(tmp_path / "real" / "self.txt")
    (tmp_path / "real" / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "real" / "link.txt").symlink_to(tmp_path / "real" / "a.txt")
    found, skipped = read(tmp_path)
    assert [Path(article.source).name for article in found] == ["a.txt", "link.txt"]
    assert skipped == {"gone.txt": "broken symbolic link", "self.txt": "too many levels of symbolic links"}


def test_pipes_devices_and_sockets_do_not_hang(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "null.txt").symlink_to("/dev/null")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    _, skipped = read(tmp_path)
    assert skipped == dict.fromkeys(("pipe.txt", "null.txt", "zero.csv"), "not a regular file")


def test_a_folder_deeper_than_the_recursion_limit_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(1100):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.txt").write_text("Deep.")
    os.chdir(tmp_path)
    try:
        found, _ = read(tmp_path)
        assert [article.text for article in found] == ["Deep."]
    finally:
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # shutil.rmtree would not come to its end


def test_a_path_longer_than_the_system_takes_is_skipped_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "z.txt")
    monkeypatch.chdir(tmp_path)
    for _ in range(25):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    Path("deep.txt").write_text("Deep.")
    Path("folder").mkdir()
    os.chdir(tmp_path)
    try:
        skipped: list[Skipped] = []
        found = list(read_articles([tmp_path], on_skip=skipped.append))
        assert [Path(article.source).name for article in found] == ["a.txt", "z.txt"]
        assert [item.reason for item in skipped] == ["its path is longer than the system takes: move it further up"]
        assert len(skipped[0].source) > 4000 and skipped[0].source.startswith(f"{tmp_path}/ddd")
    finally:
        subprocess.run(["rm", "-r", tmp_path / ("d" * 200)], check=True)


def test_unreadable_files_and_folders_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "locked.txt")
    write(tmp_path / "room" / "b.txt")
    # Root may read everything, so the refusals are made where the system would make them.
    real_open, real_iterdir = os.open, Path.iterdir

    def open_(path: Any, *args: Any, **kwargs: Any) -> int:
        if Path(path).name == "locked.txt":
            raise PermissionError(13, "Permission denied", path)
        return real_open(path, *args, **kwargs)

    def iterdir(path: Path) -> Iterator[Path]:
        if path.name == "room":
            raise PermissionError(13, "Permission denied", path)
        return real_iterdir(path)

    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(Path, "iterdir", iterdir)
    found, skipped = read(tmp_path)
    assert len(found) == 1
    assert skipped == {"locked.txt": "permission denied", "room": "permission denied"}


def test_a_file_that_vanishes_or_changes_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt")
    changing = write(tmp_path / "b.txt")
    rows = write(tmp_path / "c.jsonl", '{"text": "Storks."}\n{"text": "Herons."}\n')
    vanishing = write(tmp_path / "d.txt")
    version = reading.version
    grown: list[int] = []

    def version_before_it_grows(file: BinaryIO) -> tuple[int, int]:
        before = version(file)
        if os.fstat(file.fileno()).st_ino == changing.stat().st_ino and not grown:
            grown.append(changing.write_text("Storks and herons came back to Ely."))
        return before

    monkeypatch.setattr(reading, "version", version_before_it_grows)
    skipped: dict[str, str] = {}
    found = []
    for article in read_articles([tmp_path], on_skip=lambda item: skipped.update({item.source: item.reason})):
        found.append(article.source)
        if article.source.endswith("c.jsonl#1"):
            with rows.open("a") as file:
                file.write('{"text": "Rails."}\n')
            vanishing.unlink()
            vanishing.symlink_to(tmp_path / "nowhere")
    assert found[:2] == [f"{tmp_path}/a.txt", f"{rows}#1"]
    assert "changed while it was being read" in skipped[str(changing)]
    assert "changed while it was being read" in skipped[str(rows)]
    assert skipped[str(vanishing)] == "broken symbolic link"


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(formats.MAX_FILE_BYTES + 1)
    with (tmp_path / "rows.jsonl").open("wb") as file:
        file.truncate(formats.MAX_STREAM_BYTES + 1)
    _, skipped = read(tmp_path)
    assert skipped == {
        "big.txt": "larger than 50 MB, the most that is read",
        "rows.jsonl": "larger than 1000 MB, the most that is read",
    }


def test_a_row_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    file = write(tmp_path / "b.txt", "The owl sleeps.")
    write(tmp_path / "a.jsonl", json.dumps({"text": "The owl is dead.", "source": str(file)}) + "\n")
    skipped: list[Skipped] = []
    articles = list(read_articles([tmp_path], on_skip=skipped.append))
    assert [article.text for article in articles] == ["The owl sleeps."]
    assert [one.reason for one in skipped] == ["its source is the path of another file: leave it out or name another"]


def test_a_source_named_twice_is_reported(tmp_path: Path) -> None:
    row = '{"text": "Storks.", "source": "https://example.org/1"}\n'
    found, skipped = read(write(tmp_path / "a.jsonl", row * 2), write(tmp_path / "b.jsonl", row))
    assert len(found) == 1
    assert skipped == {"1": "another article has this source"}


# Text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t"), min_size=1))
def test_the_text_is_the_file_with_its_line_ends_normalised(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    path = folder / "odd.txt"
    path.write_bytes(text.encode())
    found, skipped = read(path)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        assert skipped == {"odd.txt": "empty"}
    else:
        assert [article.text for article in found] == [text]
        assert found[0].title.strip() and "\n" not in found[0].title and len(found[0].title) <= 200


@given(st.binary())
def test_any_bytes_are_read_or_reported(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for suffix in (".txt", ".md", ".html", ".csv", ".jsonl", ".pdf", ".docx", ".epub", ".zip"):
        (folder / f"x{suffix}").write_bytes(data)
    found, skipped = read(folder)
    assert len({article.source.partition("#")[0] for article in found} | set(skipped)) >= 9
    for article in found:
        (article.text + article.title + article.source).encode()
        assert "\0" not in article.text
    assert all(reason and "\n" not in reason for reason in skipped.values())
