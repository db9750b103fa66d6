"""All attacks on the served chat, one after the other on one server; a table of what came of each, and the harms."""

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.web_attacks import crowd, files, floods, raw, tries
from benchmarks.web_attacks.target import Listener, Target
from index import PassageIndex, read_articles
from index.project import SEEDS

Figures = dict[str, float]
Attack = Callable[[], tuple[Figures, list[str]]]
SIZE = 60_000_000  # bytes of a body that is too large
OPTIONS = (
    ("requests", 200),
    ("questions", 10_000),
    ("askers", 100),
    ("asking", 60),
    ("half-open", 1000),
    ("soak", 300),
    ("hostile", 200),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The sizes of the attacks."""
    for name, number in OPTIONS:
        parser.add_argument(f"--{name}", type=int, default=number)


def run(options: argparse.Namespace) -> int:
    """Print the table; returns how many harms there were."""
    harms: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        PassageIndex.build(read_articles([SEEDS]), Path(folder) / "built")
        listener = Listener()
        with _served(Path(folder), "requests") as target:
            for name, attack in attacks(target, listener, options).items():
                harms += _one(name, attack, target)
        listener.close()
        for name, hostile in (("one by one", files.one_by_one), ("all at once", files.all_at_once)):
            with _served(Path(folder), name) as target:  # what they leave in a store is nobody else's burden
                harms += _one(f"hostile files, {name}", partial(hostile, target, files.chosen(options.hostile)), target)
    for harm in harms:
        print(f"HARM {harm}")
    print(f"{len(harms)} harms")
    return len(harms)


def _served(folder: Path, name: str) -> Target:
    """A server with a store of its own."""
    (folder / name).mkdir()
    shutil.copytree(folder / "built", folder / name / "store")
    return Target(folder / name, "--mcp")


def _one(name: str, attack: Attack, target: Target) -> list[str]:
    found: list[str] = []
    began = time.monotonic()
    with target.attacked(found, name) as pulse:
        figures, seen = attack()
    told = {
        **figures,
        "slowest sign-in page, s": round(pulse.slowest, 2),
        "memory, MB": target.memory() // 10**6,
        "harms": len(found) + len(seen),
        "seconds": round(time.monotonic() - began, 1),
    }
    print(f"| {name} | {'; '.join(f'{key} {value}' for key, value in told.items())} |", flush=True)
    return found + [f"{name}: {harm}" for harm in dict.fromkeys(seen)]


def attacks(target: Target, listener: Listener, options: argparse.Namespace) -> dict[str, Attack]:
    """The attacks in order, the mild ones first."""
    dice = random.Random(options.seed)
    routes = tries.gradio_routes()
    return {
        "at rest": _at_rest,
        "every route": _counted(lambda: tries.try_routes(target, listener, routes)),
        "every event": _counted(lambda: tries.try_events(target, listener)),
        "origins and hosts": _counted(lambda: tries.try_origins(target)),
        "wrong types": _counted(lambda: tries.try_types(target)),
        "requests as no library sends them": _counted(lambda: raw.try_raw(target)),
        "bodies of 60 MB": _counted(lambda: tries.try_sizes(target, SIZE)),
        "half-open connections": lambda: _all_answered(crowd.half_open(target, options.half_open, 20.0)),
        "bodies that never end": partial(floods.endless_bodies, target, options.half_open // 2),
        "bodies of tiny pieces": partial(floods.tiny_pieces, target, options.requests // 10),
        "pages at once": partial(floods.pages, target, options.requests),
        "long conversations at once": partial(floods.long_conversations, target, options.requests // 4),
        "questions taken back": partial(floods.called_off, target, options.requests),
        "questions": lambda: _no_growth(crowd.many_questions(target, options.questions)),
        "askers at once": lambda: _none_wrong(crowd.askers(target, options.askers, options.asking)),
        "soak with rebuilds": lambda: _rebuilt(crowd.soak(target, options.soak, dice)),
    }


def _at_rest() -> tuple[Figures, list[str]]:
    """How slow the sign-in page is on this machine with nobody attacking."""
    time.sleep(10)
    return {}, []


def _counted(make: Callable[[], tries.Found]) -> Attack:
    def attack() -> tuple[Figures, list[str]]:
        made, seen = make()
        return {"requests": made}, seen

    return attack


def _all_answered(figures: Figures) -> tuple[Figures, list[str]]:
    short = figures["asked meanwhile"] - figures["answered"]
    return figures, [f"{short:.0f} questions came to nothing"] if short else []


def _none_wrong(figures: Figures) -> tuple[Figures, list[str]]:
    wrong = figures["wrong"]
    return figures, [f"{wrong:.0f} questions came to nothing"] if wrong else []


def _rebuilt(figures: Figures) -> tuple[Figures, list[str]]:
    figures, seen = _none_wrong(figures)
    missing = figures["builds"] - figures["new generations"]
    return figures, [*seen, *([f"{missing:.0f} builds made no generation"] if missing else [])]


def _no_growth(figures: Figures) -> tuple[Figures, list[str]]:
    # 0.17 MB for each is what this is about; the sessions that are kept for some minutes take a few kilobytes.
    grown = figures["memory after, MB"] - figures["memory before, MB"]
    return figures, [f"memory grew by {grown:.0f} MB"] if grown > 200 else []
