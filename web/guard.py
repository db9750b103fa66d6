"""What every handler's errors become: our one line for the person who asks, one line in the log for anything else."""

import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import gradio as gr

from index import ArticleQAError
from web.site import one_line

logger = logging.getLogger("web")


def guard(blocks: gr.Blocks) -> None:
    """Put the guard around each handler of a page. Gradio prints a traceback for whatever else reaches it."""
    for function in blocks.fns.values():
        if function.fn is not None:
            function.fn = guarded(function.fn)


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, whose errors are Gradio's, with one line each."""
    if inspect.isgeneratorfunction(function):

        @wraps(function)
        def steps(*given: Any, **named: Any) -> Iterator[Any]:
            with _told(function):
                yield from function(*given, **named)

        return steps

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        with _told(function):
            return function(*given, **named)

    return call


@contextmanager
def _told(function: Callable[..., Any]) -> Iterator[None]:
    try:
        yield
    except gr.Error:
        raise
    except ArticleQAError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        logger.error("%s failed: %s: %s", function.__name__, type(error).__name__, " ".join(str(error).split())[:300])
        raise gr.Error(one_line(error), print_exception=False) from error
