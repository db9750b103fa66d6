"""The names under which uploaded files are kept, and those by which the pages call files: never paths of the server."""

import hashlib
import re
import unicodedata

MAX_NAME_BYTES = 200  # file systems end at 255
MAX_SUFFIX = 8  # characters
_ODD = re.compile(r"[^\w.\- ]+")
# What a message of the index tells a person at a shell to run, from the mark before it to the end.
_COMMAND = re.compile(r"(?:[:;,]|: [^:;`]*)? ?`python .*", re.DOTALL)
_PATH = re.compile(r"(?<![\w:/.])/(?:[^\s/:;,'\"]+/)+")


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


def shown_source(source: str, uploads: str) -> str:
    """What a page calls a source: an upload by its name, another file of the server by its name and folder.

    >>> shown_source("/srv/store/uploads/notes.txt", "/srv/store/uploads")
    'notes.txt'
    >>> shown_source("/home/ada/press/2024.zip!may/1.md", "store/uploads"), shown_source("seeds/a.md", "store/uploads")
    ('press/2024.zip!may/1.md', 'seeds/a.md')
    """
    if source.startswith(f"{uploads}/"):
        return source[len(uploads) + 1 :]
    if not source.startswith("/"):
        return source
    file, mark, member = source.partition("!")
    return "/".join(file.split("/")[-2:]).lstrip("/") + mark + member


def for_page(message: str) -> str:
    """A message as a page says it: without the server's folders, and without commands that are run there.

    >>> for_page("no article has the id 'x': `python -m index info --json` lists them")
    "no article has the id 'x'"
    >>> for_page("/srv/store/CURRENT is missing: see `python -m index verify --store /srv/store`; or `python x`")
    'CURRENT is missing'
    """
    return _PATH.sub("", _COMMAND.sub("", message))
