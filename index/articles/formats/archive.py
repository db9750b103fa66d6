"""Zip containers, opened only when what they hold is bounded: `.zip`, and also `.docx` and `.epub`."""

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO

from index.articles.article import Unreadable
from index.articles.formats.decode import hides, visible

MAX_MEMBERS = 65_535  # what the classic zip directory can count
MAX_DIRECTORY_BYTES = 32 << 20  # 65,535 members with names of some 450 characters
MAX_DOCUMENT_BYTES = 100_000_000  # unpacked, of a .docx or .epub: it is held in memory
MAX_RATIO = 200  # prose packs 3:1, tables of equal rows 100:1, bombs 1000:1
MAX_NAME_CHARS = 1000  # of a member's whole path
MAX_PART_BYTES = 255  # of a file's or folder's name in it, as file systems have it
READ_BYTES = 4096  # at once: bzip2 makes up to 90 MB of so much
SMALL_BYTES = 10_000_000  # an archive no larger than this unpacked is no bomb, whatever its ratio

_END_RECORD = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"


@contextmanager
def opened_zip(file: BinaryIO, max_bytes: int) -> Iterator[zipfile.ZipFile]:
    """The archive in `file`. Raises Unreadable unless it has a bounded directory and at most `max_bytes` unpacked."""
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        size = file.seek(0, 2)  # members may lie over one another, and say anything of what they take packed
        if total > max_bytes:
            raise Unreadable(f"refused: it unpacks to {total:,} bytes, more than {max_bytes:,}")
        if total > SMALL_BYTES and total > MAX_RATIO * size:
            raise Unreadable(f"refused as a zip bomb: it unpacks to {total // size} times its size")
        yield archive


def unpacked(archive: zipfile.ZipFile, member: str | zipfile.ZipInfo) -> bytes:
    """A member's bytes: never more than it says that it holds, and little more is ever unpacked of it.

    ZipFile.read() unpacks all there is before it looks at what the member says.
    """
    with archive.open(member) as stream:
        return b"".join(iter(lambda: stream.read(READ_BYTES), b""))


def check_name(member: zipfile.ZipInfo) -> None:
    """Raises Unreadable for a member whose name could not be, or should not be, a file's in a folder.

    Nothing is ever unpacked to disk: what is refused is a source that would mislead whoever reads it.
    """
    name = member.orig_filename  # zipfile ends `filename` at its first NUL
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":":
        raise Unreadable("refused: its path leads out of the archive")
    if hides(name):
        raise Unreadable("refused: its name holds characters that nobody sees")
    if len(name) > MAX_NAME_CHARS or any(len(part.encode()) > MAX_PART_BYTES for part in path.parts):
        raise Unreadable("refused: its name is longer than a file's may be")


def shown_name(member: zipfile.ZipInfo) -> str:
    """A member's name as its source has it; of one that is too long, the beginning."""
    name = member.orig_filename
    return visible(name if len(name) <= MAX_NAME_CHARS else f"{name[:100]}…")


def _check_directory(file: BinaryIO) -> None:
    """Refuses a directory that would itself fill the memory; zipfile reads it whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END_RECORD)
    if at < 0 or len(tail) < at + 22:
        raise Unreadable("damaged, or no zip archive")
    members, directory_bytes = struct.unpack_from("<HL", tail, at + 10)
    is_zip64 = tail[max(0, at - 20) :].startswith(_ZIP64_LOCATOR)
    if is_zip64 or members > MAX_MEMBERS or directory_bytes > MAX_DIRECTORY_BYTES:
        raise Unreadable(f"refused: it holds more than {MAX_MEMBERS:,} members; split it")
