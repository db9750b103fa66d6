"""Keeps a store up to date while files change: one rebuild for each burst of changes."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from watchfiles import watch

QUIET_MS = 500  # a burst is over when nothing has changed for so long
BURST_MS = 10_000  # or when it has gone on for so long
POLL_MS = 500  # how often an interrupt is looked for


def watch_paths(
    paths: Sequence[str | Path],
    rebuild: Callable[[], None],
    *,
    store: Path,
    stop: threading.Event | None = None,
) -> None:
    """Call `rebuild` once at the beginning and after each burst of changes in `paths`, until `stop` is set.

    What changes during a rebuild makes the next burst. Hidden files and the store itself are not looked at.
    """
    roots = [Path(path).absolute() for path in paths]
    watched = {root if root.is_dir() else root.parent for root in roots}  # editors replace files: watch the folder
    begun = False
    for changes in watch(
        *watched,
        watch_filter=lambda _change, path: _concerns(Path(path), roots, store.absolute()),
        debounce=BURST_MS,
        step=QUIET_MS,
        rust_timeout=POLL_MS,
        yield_on_timeout=True,
        stop_event=stop,
        recursive=any(root.is_dir() for root in roots),
        raise_interrupt=True,
    ):
        if changes or not begun:  # the first comes when the watch stands, so that no change falls before it
            begun = True
            rebuild()


def _concerns(path: Path, roots: Sequence[Path], store: Path) -> bool:
    if path.is_relative_to(store):
        return False
    for root in roots:
        if path.is_relative_to(root):
            return not any(part.startswith(".") for part in path.relative_to(root).parts)
    return False
