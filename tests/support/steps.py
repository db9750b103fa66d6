"""Counts what a function does, so that a test can tell a line from a square without a clock."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(function: Callable[..., Any], *arguments: Any) -> int:
    """The lines of Python that run in a call."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


def is_linear(function: Callable[[Any], Any], make: Callable[[int], Any], size: int) -> bool:
    """Whether twice as much takes at most three times the steps."""
    return steps(function, make(2 * size)) <= 3 * steps(function, make(size))
