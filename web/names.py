"""The names under which uploaded files are kept: plain, and different for different files."""

import hashlib
import re
import unicodedata

MAX_NAME_BYTES = 200  # file systems end at 255
MAX_SUFFIX = 8  # characters
_ODD = re.compile(r"[^\w.\- ]+")


def safe_name(name: str) -> str:
    """The last part of a file's name with nothing in it that a path or a shell could mind.

    Where that changes it, a digest of the name as it was keeps it apart from others that would become the same.

    >>> safe_name("../../etc/passwd.txt"), safe_name("C:\\\\x\\\\Über uns?.md")
    ('passwd.txt', 'Über uns_-fc4605ae.md')
    >>> safe_name("a?.md") == safe_name("a!.md")
    False
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = _ODD.sub("_", last).strip(" .")
    if plain and plain == last and len(plain.encode("utf-8", "replace")) <= MAX_NAME_BYTES:
        return plain
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix) > MAX_SUFFIX:
        stem, suffix = plain, ""
    end = "-" + hashlib.sha256(last.encode("utf-8", "surrogatepass")).hexdigest()[:8] + (suffix and f".{suffix}")
    room = MAX_NAME_BYTES - len(end.encode("utf-8", "replace"))
    return (stem or "article").encode("utf-8", "ignore")[:room].decode("utf-8", "ignore") + end
