"""A store under attack: random operations, processes to be killed, what it must answer afterwards."""

import multiprocessing
import os
import random
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import index.search.dense
import index.search.lexical  # noqa: F401 - so that the processes to be killed come with it
from index import Article, PassageIndex, StoreError, rollback, verify
from index.store import durable, generations, live_generation
from index.store.paths import WORK
from tests.support.synthetic import HashingEmbedder, articles, build, everything, opened

ARTICLES = 6  # in an attacked store
VERSIONS = 4

State = tuple[int | None, ...]  # the version of each article, None: not there


@dataclass(frozen=True, slots=True)
class Operation:
    """What a process does to a store: bring it from one state to another by one of the verbs."""

    verb: str
    before: State
    state: State


@cache
def article_of(number: int, version: int) -> Article:
    """Article `number` in a version."""
    return articles(number + 1, version)[number]


def articles_of(state: State) -> list[Article]:
    """The articles of a state."""
    return [article_of(number, version) for number, version in enumerate(state) if version is not None]


@cache
def expected(state: State) -> Any:
    """All that a user sees of a store built from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "store", articles_of(state))
        return everything(opened(Path(folder) / "store").current())


def operate(store: Path, operation: Operation) -> None:
    """Do it; a rollback with nothing to go back to does nothing."""
    pairs = list(zip(operation.before, operation.state, strict=True))
    changed = [article_of(number, new) for number, (old, new) in enumerate(pairs) if new is not None and new != old]
    gone = [article_of(number, 0).source for number, (old, new) in enumerate(pairs) if new is None and old is not None]
    embedder = HashingEmbedder()
    if operation.verb == "build":
        PassageIndex.build(articles_of(operation.state), store, embedder=embedder)
    elif operation.verb == "add":
        PassageIndex.add(changed, store, embedder=embedder)
    elif operation.verb == "remove":
        PassageIndex.remove(gone, store, embedder=embedder)
    elif len(generations(store)) > 1:
        rollback(store)


def next_operation(state: State, dice: random.Random) -> Operation:
    """A random verb with a random change that it can make."""
    verb = dice.choice(("build", "build", "add", "remove", "rollback"))
    new = list(state)
    some = dice.sample(range(ARTICLES), dice.randint(1, 3))
    if verb == "add":
        for number in some:
            new[number] = dice.randrange(VERSIONS)
    if verb == "build":
        for number in some:
            new[number] = dice.choice((None, *range(VERSIONS)))
    there = [number for number, version in enumerate(state) if version is not None]
    if verb == "remove" and len(there) > 2:
        new[dice.choice(there)] = None
    if (tuple(new) == state and verb != "rollback") or not any(version is not None for version in new):
        return Operation("build", state, tuple(dice.randrange(VERSIONS) for _ in state))
    return Operation(verb, state, tuple(new))


def check_whole(store: Path, states: dict[int, State]) -> int:
    """The store verifies and answers as the state of its live generation; returns that generation."""
    assert verify(store) == [], verify(store)
    index = opened(store)
    assert everything(index.current()) == expected(states[index.generation]), "neither the old nor the new"
    return index.generation


@dataclass(slots=True)
class Victim:
    """A store under attack, and what each of its generations must answer."""

    store: Path
    states: dict[int, State] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path) -> "Victim":
        """A store with two generations."""
        victim = cls(folder / "store")
        for version in (0, 1):
            state = (version,) * ARTICLES
            build(victim.store, articles_of(state))
            victim.states[version + 1] = state
        return victim

    @property
    def state(self) -> State:
        """What the live generation holds."""
        return self.states[live_generation(self.store)]

    @property
    def left_aside(self) -> bool:
        """Whether an operation that broke off has left an unfinished generation."""
        return (self.store / WORK / "draft").exists()

    def attack(self, operation: Operation, run: Callable[[], None]) -> bool:
        """Run an operation that may break off, then look whether all is well; whether it took effect."""
        old = live_generation(self.store)
        if operation.verb != "rollback":
            following = max(old, *generations(self.store)) + 1
            self.states[following] = operation.state
        run()
        return check_whole(self.store, self.states) != old


@contextmanager
def at_step(number: int, act: Callable[[str, Path], None]) -> Iterator[list[int]]:
    """Have `act` stand in for the `number`-th change to a store's files, from 0; yields [changes so far]."""
    original, count = durable.before, [0]

    def before(step: str, path: Path) -> None:
        count[0] += 1
        if count[0] == number + 1:
            act(step, path)

    durable.before = before
    try:
        yield count
    finally:
        durable.before = original


def die(step: str, path: Path) -> None:
    """For `at_step`: this process ends here."""
    os.kill(os.getpid(), signal.SIGKILL)


def _victim_process(store: Path, operation: Operation, step: int | None, limit: int | None, told: Connection) -> None:
    """The process to be killed: at change `step`, or from outside, or short of `limit` bytes per file."""
    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    told.send("begun")
    try:
        with at_step(-1 if step is None else step, die):
            operate(store, operation)
        told.send("done")
    except StoreError as error:
        told.send(str(error))


def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.attacked_store"])
    return context


def in_process(
    store: Path,
    operation: Operation,
    *,
    step: int | None = None,
    limit: int | None = None,
    seconds: float | None = None,
) -> tuple[bool, str | None, float]:
    """Run an operation in a process of its own; returns (was it killed, its last word, its seconds)."""
    mine, its = _context().Pipe()
    process = _context().Process(target=_victim_process, args=(store, operation, step, limit, its))
    process.start()
    its.close()
    assert mine.recv() == "begun"
    began = time.monotonic()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
    took = time.monotonic() - began
    try:
        said = mine.recv()
    except EOFError:
        said = None
    killed = process.exitcode == -signal.SIGKILL
    assert killed or process.exitcode == 0, f"the process ended with {process.exitcode}"
    return killed, said, took


def runner(
    victim: Victim, operation: Operation, ended: list[tuple[bool, str | None, float]], **how: Any
) -> Callable[[], None]:
    """The operation in a process of its own, for `Victim.attack`; its end goes to `ended`."""
    return lambda: ended.append(in_process(victim.store, operation, **how))


def changing(verb: str, state: State, number: int) -> Operation:
    """An operation that changes one article."""
    new = list(state)
    place = number % ARTICLES
    old = new[place]
    new[place] = None if verb == "remove" else (0 if old is None else old + 1)
    return Operation(verb, state, tuple(new))


def replenish(victim: Victim) -> None:
    """Two generations again, all articles in: enough to remove from and to roll back to."""
    if len(generations(victim.store)) < 2 or None in victim.state or live_generation(victim.store) < 2:
        number = 1 + max(generations(victim.store))
        version = max(version or 0 for version in victim.state) + 1
        for offset in (0, 1):
            victim.states[number + offset] = (version + offset,) * ARTICLES
            build(victim.store, articles_of(victim.states[number + offset]))
