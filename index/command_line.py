"""What the project's commands have in common: a mistake or an error is one line on stderr, and an exit code.

0 done, 2 the user's mistake, 1 all else, 130 interrupted. No traceback reaches a user.
"""

import argparse
import io
import json
import os
import sys
import unicodedata
from collections.abc import Callable
from typing import Any, NoReturn

from index.errors import ArticleQAError

UNSHOWABLE = "\N{REPLACEMENT CHARACTER}"
# Invisible characters that turn the reading direction of what follows: they can make a line show other words.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line."""

    @classmethod
    def of(cls, module: str, doc: str | None) -> "Parser":
        """The parser of `python -m MODULE`, described by the first line of the module's docstring."""
        return cls(prog=f"python -m {module}", description=(doc or "").partition("\n")[0])

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.exit(2, safe(f"{self.prog}: {message}; `{self.prog} --help` shows what it takes") + "\n")


def run(command: Callable[[], int | None]) -> int:
    """Carry out a command, which returns its exit code or None for 0; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a letter shows "?"
    try:
        code = command() or 0
        sys.stdout.flush()
    except ArticleQAError as error:
        return _failed(str(error), error.exit_code)
    except BrokenPipeError:
        # Whoever read us has seen enough; the interpreter's own flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return _failed(f"internal error: {type(error).__name__}: {error}", 1)
    return code


def _failed(message: str, code: int) -> int:
    print(safe(message), file=sys.stderr)
    return code


def print_json(document: Any) -> None:
    """One JSON document on stdout, in UTF-8 whatever the locale; dates as ISO 8601."""
    data = json.dumps(document, ensure_ascii=False, indent=1, default=str)
    sys.stdout.flush()
    sys.stdout.buffer.write(data.encode() + b"\n")


def safe(text: str) -> str:
    """`text` on one line without anything a terminal would obey: controls become U+FFFD, line ends spaces."""
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\t\r\u2028\u2029":
        return " "
    refused = character in _TURNS or unicodedata.category(character) in ("Cc", "Cs")
    return UNSHOWABLE if refused else character
