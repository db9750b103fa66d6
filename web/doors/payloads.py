"""JSON bodies before any handler runs: parsed, walked once, and with no file in them but those that were uploaded.

A dict that names a file becomes the token under which this browser uploaded it; every other one is refused, so that
nothing of Gradio's ever sees a path or an address that a request brought.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

from web.doors.refusal import Refusal

MAX_DEPTH = 40  # our own values have 7 levels, those of Gradio's tables fewer
MAX_VALUES = 200_000  # of lists and dicts together; a conversation at its limit has 30,000
Own = Callable[[str], bool]  # whether a token is one of this browser's uploads
_SURROGATE = re.compile("[\ud800-\udfff]")
_FILE_KEYS = {"path", "url"}
_FILE_TYPE = "gradio.FileData"


def parsed(body: bytes) -> Any:
    """The value of a JSON body. Raises Refusal, in one line, for what is none."""
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > 4 * MAX_VALUES:
        raise Refusal(413, "the request holds too many values")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise Refusal(400, "the request is not UTF-8") from error
    except RecursionError as error:
        raise Refusal(400, "the request is nested too deep") from error
    except ValueError as error:  # also an integer of more digits than Python reads
        raise Refusal(400, "the request is not JSON") from error


def _constant(name: str) -> NoReturn:
    raise Refusal(400, f"{name} is no number of JSON")


def safe(value: Any, own: Own) -> Any:
    """The same value with each uploaded file as its token. Raises Refusal for any other file and for broken text."""
    holder = [value]
    waiting: list[tuple[Any, Any, Any, int]] = [(holder, 0, value, 0)]  # container, place in it, value, depth
    seen = 0
    while waiting:
        container, place, one, depth = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise Refusal(413, "the request holds too many values")
        if depth > MAX_DEPTH:
            raise Refusal(400, "the request is nested too deep")
        if isinstance(one, str):
            check_text(one)
        elif isinstance(one, float) and not math.isfinite(one):
            raise Refusal(400, "the request holds a number that is too large")
        elif isinstance(one, list):
            waiting += [(one, number, part, depth + 1) for number, part in enumerate(one)]
        elif isinstance(one, dict):
            if _names_file(one):
                container[place] = _token(one, own)
                continue
            for key in one:
                check_text(key)
            waiting += [(one, key, part, depth + 1) for key, part in one.items()]
    return holder[0]


def check_text(text: str, name: str = "the text") -> None:
    """Raises Refusal for half of a character, which no file or page can hold."""
    if found := _SURROGATE.search(text):
        code = f"U+{ord(found.group()):04X}"
        raise Refusal(400, f"{name} holds half of a character, the lone surrogate {code}, at {found.start()}")


def _names_file(value: dict[str, Any]) -> bool:
    return bool(_FILE_KEYS & value.keys()) or isinstance(value.get("meta"), dict)


def _token(value: dict[str, Any], own: Own) -> str:
    path, url, meta = value.get("path"), value.get("url"), value.get("meta")
    right = isinstance(meta, dict) and meta.get("_type") == _FILE_TYPE and isinstance(path, str) and own(path)
    # The page adds where Gradio would serve the file; it is served nowhere here.
    if not right or (url is not None and not str(url).endswith(f"/gradio_api/file={path}")):
        raise Refusal(400, "the request names a file that was not uploaded from here: upload it first")
    return str(path)
