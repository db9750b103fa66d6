"""Bytes to text, and the small values that every format holds: dates and visible names."""

import codecs
import datetime
import re
from contextlib import suppress
from typing import BinaryIO

from index.articles.article import Unreadable

# Longest first: the UTF-32 mark begins with the UTF-16 one.
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# 59 of the 256 bytes are control characters in Latin-1: data that is no text shows 23 %, text almost none.
MAX_CONTROL_SHARE = 0.05
DETECTION_BYTES = 200_000  # charset-normalizer's time grows with the bytes it sees; this much decides
# charset-normalizer ranks equals by name, and so takes French, Spanish and English for Baltic or Polish. Its
# disorder of cp1252 is at most .06 for those; Polish, Czech and Russian pages it rules out as cp1252 itself.
WESTERN_MARGIN = 0.07
DATE_FORMATS = ("%Y/%m/%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%a, %d %b %Y")

# What nobody sees in a name: control characters, ends of lines, and what turns, joins or tags the text around it.
# Left out are those that honest names hold: joiners (Persian, emoji) and the marks of a direction (Hebrew, Arabic).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?!\d)|D:(\d{4})(\d\d)(\d\d)|(\d{4})(\d\d)(\d\d)(?:\D|\d{6}(?!\d)|$)")


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else `declared`, else the likeliest encoding.

    Nothing but the mark is taken away; line ends stay. Raises Unreadable for binary or undecodable data.
    """
    if mark := text_mark(data):
        try:
            text = data.decode(mark)
        except UnicodeDecodeError:
            raise Unreadable(f"undecodable: it begins like {mark.upper()} and goes on otherwise") from None
    else:
        text = data.decode(encoding_of(data, declared))
    if "\0" in text or len(text) - len(_CONTROL.sub("", text)) > MAX_CONTROL_SHARE * len(text):
        raise Unreadable("binary file")
    return text


def text_mark(data: bytes) -> str | None:
    """The codec that `data`'s byte order mark announces. Raises Unreadable for NUL bytes without one."""
    mark = next((codec for mark, codec in BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)
    if b"\0" in data and not mark:
        raise Unreadable("binary file")
    return mark


def encoding_of(data: bytes, declared: str | None = None) -> str:
    """An encoding that decodes `data`, which has no byte order mark: UTF-8, `declared`, or the likeliest.

    Raises Unreadable when none does.
    """
    from charset_normalizer import from_bytes

    odd = 0  # where the first byte stands that is no UTF-8
    for encoding in ("utf-8", declared):
        try:
            if encoding and data.decode(encoding) is not None:
                return encoding
        except UnicodeDecodeError as error:
            odd = odd or error.start
        except LookupError:  # a page may declare anything
            continue
    matches = from_bytes(data[max(0, odd - DETECTION_BYTES // 2) :][:DETECTION_BYTES])
    likely = [name for match in matches for name in match.could_be_from_charset]
    if any("cp1252" in match.could_be_from_charset and match.chaos <= WESTERN_MARGIN for match in matches):
        likely.insert(0, "cp1252")
    for encoding in likely:
        with suppress(UnicodeDecodeError):
            data.decode(encoding)
            return encoding
    raise Unreadable("undecodable: save it as UTF-8")


def stream_encoding(stream: BinaryIO) -> str:
    """The encoding of a file too large to hold: as `decode` finds it, in one pass over its blocks."""
    head = block = stream.read(1 << 20)
    if mark := text_mark(head):
        return mark
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block:
            decoder.decode(block)
            block = stream.read(1 << 20)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return encoding_of(block or head)
    return "utf-8"


def parse_date(value: object) -> datetime.date | None:
    """The day that `value` names, as written (no time zone is applied); None when it names no real day."""
    if isinstance(value, datetime.date):
        return value.date() if isinstance(value, datetime.datetime) else value
    text = " ".join(value.split())[:40] if isinstance(value, str) else ""
    if not text:
        return None
    if found := _ISO_DATE.match(text):
        year, month, day = (int(part) for part in found.groups() if part)
        with suppress(ValueError):
            return datetime.date(year, month, day)
        return None
    text = re.sub(r"(?<=\d{4}) \d\d:.*$", "", text)
    for form in DATE_FORMATS:
        with suppress(ValueError):
            return datetime.datetime.strptime(text, form).date()
    return None


def visible(name: str) -> str:
    r"""A path as one line of valid UTF-8: undecodable bytes and what nobody sees are shown as \x.. or \u.... ."""
    if name.isprintable():  # nearly always, and rows come by the million
        return name
    name = name.encode("utf-8", "backslashreplace").decode()
    return _UNSEEN.sub(lambda found: ascii(found.group())[1:-1], name)


def hides(name: str) -> bool:
    """Whether a name holds what nobody sees."""
    return not name.isprintable() and _UNSEEN.search(name) is not None


def reason_of(error: BaseException) -> str:
    """What went wrong, in one short line."""
    if isinstance(error, MemoryError):
        return "it takes more memory than a file may"
    return visible(" ".join(str(error).split())[:160]) or type(error).__name__
