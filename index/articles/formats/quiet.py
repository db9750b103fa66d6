"""Keeps parsers' warnings and log lines off the terminal: what matters of them comes back as a reason."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

TALKATIVE = ("pypdf", "trafilatura", "htmldate", "courlan", "justext", "readability", "charset_normalizer")


@contextmanager
def quiet() -> Iterator[None]:
    """Silences the parsers' loggers and all warnings while it lasts (in this process, so keep it short)."""
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
