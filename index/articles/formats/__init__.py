"""The formats articles come in: one function each, in one table.

A function takes an open file that can seek and the source to name, and gives the Articles and the Skipped in
it; it may raise Unreadable, or whatever its parser raises: `read_stream` makes a reason of it.
"""

import io
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from index.articles.article import Article, Skipped, Unreadable
from index.articles.formats.archive import leaves_archive, opened_zip
from index.articles.formats.decode import reason_of, visible
from index.articles.formats.markup import read_epub, read_html
from index.articles.formats.pdf import read_pdf
from index.articles.formats.plain import read_md, read_txt
from index.articles.formats.rows import read_csv, read_jsonl
from index.articles.formats.word import read_docx

MAX_FILE_BYTES = 50_000_000  # of one article; it is held in memory
MAX_STREAM_BYTES = 1_000_000_000  # of a file of many articles (STREAMED), on disk and unpacked

Items = Iterable[Article | Skipped]


def read_zip(file: BinaryIO, source: str) -> Iterator[Article | Skipped]:
    """An archive of files of the other formats, each named "archive.zip!member"; read like a folder."""
    with opened_zip(file, MAX_STREAM_BYTES) as archive:
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            place = f"{source}!{visible(member.filename)}"
            try:
                if _is_article(member):
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


def read_stream(file: BinaryIO, suffix: str, source: str) -> Iterator[Article | Skipped]:
    """What `file` holds, read as the format of `suffix`; whatever goes wrong becomes a Skipped."""
    item = None
    try:
        for item in FORMATS[suffix](file, source):
            yield item
        if not item:
            raise Unreadable("empty: it holds no article")
    except Unreadable as reason:
        yield Skipped(source, str(reason))
    except Exception as error:  # parsers raise anything at all on broken files
        yield Skipped(source, f"could not be read as {suffix[1:].upper()}: {reason_of(error)}")


def _is_article(member: zipfile.ZipInfo) -> bool:
    """Whether a member is to be read: raises Unreadable for one that is refused, not just left out."""
    path = PurePosixPath(member.filename)
    if leaves_archive(member.filename):
        raise Unreadable("refused: its path leads out of the archive")
    if member.is_dir() or is_left_out(path.name) or any(part.startswith((".", "__MACOSX")) for part in path.parts):
        return False
    if suffix_of(path.name) == ".zip":
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
    with archive.open(member) as stream:
        file = stream if suffix in STREAMED else io.BytesIO(stream.read())
        yield from read_stream(file, suffix, place)  # type: ignore[arg-type]


def too_large(limit: int) -> str:
    """The reason given for a file over `limit` bytes."""
    return f"larger than {limit // 1_000_000} MB, the most that is read"
