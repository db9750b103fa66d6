"""The formats articles come in: one function each, in one table.

A function takes an open file that can seek and the source to name, and gives the Articles and the Skipped in
it; it may raise Unreadable, or whatever its parser raises: `read_stream` makes a reason of it.
"""

import io
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO

from index.articles.article import Article, Skipped, Unreadable
from index.articles.formats.archive import check_name, opened_zip, shown_name, unpacked
from index.articles.formats.decode import reason_of
from index.articles.formats.markup import read_epub, read_html
from index.articles.formats.pdf import read_pdf
from index.articles.formats.plain import read_md, read_txt
from index.articles.formats.rows import read_csv, read_jsonl
from index.articles.formats.word import read_docx

__all__ = [
    "ARCHIVE",
    "FORMATS",
    "MAX_FILE_BYTES",
    "MAX_STREAM_BYTES",
    "STREAMED",
    "is_left_out",
    "read_stream",
    "suffix_of",
    "too_large",
]

MAX_FILE_BYTES = 50_000_000  # of one article; it is held in memory
MAX_STREAM_BYTES = 1_000_000_000  # of a file of many articles (STREAMED), on disk and unpacked

ARCHIVE = ".zip"

Items = Iterable[Article | Skipped]
OnMember = Callable[[int, str, int], None]  # told a member's number, source and size before it is read


def read_zip(
    file: BinaryIO, source: str, first: int = 0, on_member: OnMember | None = None
) -> Iterator[Article | Skipped]:
    """An archive of files of the other formats, each named "archive.zip!member"; read like a folder.

    Members are read in the order of their names, from the one numbered `first` on.
    """
    with opened_zip(file, MAX_STREAM_BYTES) as archive:
        members = sorted(archive.infolist(), key=lambda member: member.filename)
        for number in range(first, len(members)):
            member = members[number]
            place = f"{source}!{shown_name(member)}"
            try:
                if _is_article(member):
                    if on_member:
                        on_member(number, place, member.file_size)
                    yield from _read_member(archive, member, place)
            except Unreadable as reason:
                yield Skipped(place, str(reason))
            except Exception as error:
                yield Skipped(place, f"damaged: {reason_of(error)}")


FORMATS: dict[str, Callable[[BinaryIO, str], Items]] = {
    ".txt": read_txt,
    ".md": read_md,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".epub": read_epub,
    ".jsonl": read_jsonl,
    ".csv": read_csv,
    ".zip": read_zip,
}
STREAMED = {".jsonl", ".csv", ".zip"}  # many articles in one file: read piece by piece


def suffix_of(name: str) -> str:
    """The ending of a file's name that decides its format, in lower case."""
    return PurePosixPath(name).suffix.lower()


def is_left_out(name: str) -> bool:
    """Whether a file in a folder is passed over in silence: hidden, a README.md, of another format."""
    return name.startswith(".") or name.casefold() == "readme.md" or suffix_of(name) not in FORMATS


def read_stream(
    file: BinaryIO, suffix: str, source: str, *, first: int = 0, on_member: OnMember | None = None
) -> Iterator[Article | Skipped]:
    """What `file` holds, read as the format of `suffix`; whatever goes wrong becomes a Skipped.

    `first` and `on_member` are for the members of an archive: see `read_zip`.
    """
    item = None
    read = partial(read_zip, first=first, on_member=on_member) if suffix == ARCHIVE else FORMATS[suffix]
    try:
        for item in read(file, source):
            yield item
        if not item and not first:
            raise Unreadable("empty: it holds no article")
    except Unreadable as reason:
        yield Skipped(source, str(reason))
    except Exception as error:  # parsers raise anything at all on broken files
        yield Skipped(source, f"could not be read as {suffix[1:].upper()}: {reason_of(error)}")


def _is_article(member: zipfile.ZipInfo) -> bool:
    """Whether a member is to be read: raises Unreadable for one that is refused, not just left out."""
    path = PurePosixPath(member.filename)
    check_name(member)
    if member.is_dir() or is_left_out(path.name) or any(part.startswith((".", "__MACOSX")) for part in path.parts):
        return False
    if suffix_of(path.name) == ARCHIVE:
        raise Unreadable("refused: an archive within an archive")
    if member.flag_bits & 1:
        raise Unreadable("encrypted: save the archive without a password")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Unreadable("not a regular file")
    if member.file_size > MAX_FILE_BYTES:
        raise Unreadable(too_large(MAX_FILE_BYTES))
    return True


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: str) -> Iterator[Article | Skipped]:
    suffix = suffix_of(member.filename)
    if suffix not in STREAMED:
        yield from read_stream(io.BytesIO(unpacked(archive, member)), suffix, place)
        return
    with archive.open(member) as stream:
        yield from read_stream(stream, suffix, place)  # type: ignore[arg-type]


def too_large(limit: int) -> str:
    """The reason given for a file over `limit` bytes."""
    return f"larger than {limit // 1_000_000} MB, the most that is read"
