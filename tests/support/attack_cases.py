"""The attacks: each stops with an AssertionError at the first thing that a user could have noticed."""

import errno
import gc
import os
import random
import sys
import threading
import time
import weakref
from pathlib import Path

from index import Snapshot, StoreDamaged, StoreError, StoreMismatch, verify
from index.store import folder_of, live_generation
from index.store.lock import LOCK
from tests.support.attacked_store import (
    ARTICLES,
    Operation,
    Victim,
    at_step,
    changing,
    expected,
    next_operation,
    operate,
    replenish,
    runner,
)
from tests.support.synthetic import WORDS, articles, build, everything, opened


def kill_at_random(folder: Path, kills: int, dice: random.Random) -> dict[str, int]:
    """SIGKILL at random moments of random operations, from before they begin until after they have ended."""
    victim = Victim.make(folder)
    ended: list[tuple[bool, str | None, float]] = []
    first = next_operation(victim.state, dice)
    victim.attack(first, runner(victim, first, ended))
    longest = ended.pop()[2]
    done = {"kills": 0, "old": 0, "new": 0, "with a draft left": 0, "ended first": 0}
    while done["kills"] < kills:
        operation = next_operation(victim.state, dice)
        effect = victim.attack(operation, runner(victim, operation, ended, seconds=dice.uniform(0, longest)))
        killed, _, took = ended.pop()
        # The machine's pace and the verbs differ: follow them, so that about a tenth end before their kill.
        longest *= 1.01 if killed else 0.92
        if not killed:
            done["ended first"] += 1
            longest = max(longest, took)
            continue
        done["kills"] += 1
        done["new" if effect else "old"] += 1
        done["with a draft left"] += victim.left_aside
        progress(f"{done['kills']} of {kills} kills")
    return done


def kill_at_every_step(folder: Path, verb: str, every: int = 1) -> dict[str, int]:
    """SIGKILL before each change (or each `every`-th) that one operation makes to the store's files."""
    victim = Victim.make(folder)
    done = {"kills": 0, "old": 0, "new": 0}
    for step in range(0, 10_000, every):
        operation = changing(verb, victim.state, step)
        ended: list[tuple[bool, str | None, float]] = []
        effect = victim.attack(operation, runner(victim, operation, ended, step=step))
        if not ended[0][0]:
            return done
        done["kills"] += 1
        done["new" if effect else "old"] += 1
        replenish(victim)
    raise AssertionError("the operation never ends")


def fail_every_step(folder: Path, verb: str, code: int = errno.ENOSPC, every: int = 1) -> dict[str, int]:
    """Have the n-th change to the store's files fail, for every n (or each `every`-th)."""
    victim = Victim.make(folder)
    done = {"failures": 0, "old": 0, "new": 0}

    def fail(step: str, path: Path) -> None:
        raise OSError(code, os.strerror(code), str(path))

    for step in range(0, 10_000, every):
        operation = changing(verb, victim.state, step)
        errors: list[str] = []
        ran: list[int] = []

        def run(step: int = step, operation: Operation = operation) -> None:
            with at_step(step, fail) as count:
                try:
                    operate(victim.store, operation)
                except StoreError as error:
                    errors.append(str(error))  # noqa: B023
                ran.append(count[0])  # noqa: B023

        effect = victim.attack(operation, run)
        if ran[0] <= step:
            return done
        if errors:
            assert "\n" not in errors[0]
            assert os.strerror(code) in errors[0], errors
        done["failures"] += 1
        done["new" if effect else "old"] += 1
        replenish(victim)
    raise AssertionError("the operation never ends")


def short_of_space(folder: Path, limits: int) -> dict[str, int]:
    """Have the kernel refuse any file's growth past a number of bytes, up to what a build needs."""
    victim = Victim.make(folder)
    live = folder_of(victim.store, live_generation(victim.store))
    largest = max(path.stat().st_size for path in live.rglob("*") if path.is_file())
    done = {"limits": 0, "refused": 0}
    for number in range(limits):
        limit = int(largest * 4 * number / limits)
        operation = changing("build", victim.state, number)
        ended: list[tuple[bool, str | None, float]] = []
        effect = victim.attack(operation, runner(victim, operation, ended, limit=limit))
        said = ended[0][1]
        assert said is not None
        assert said == "done" or (said.startswith("cannot write the store") and "\n" not in said), said
        assert effect == (said == "done")
        done["limits"] += 1
        done["refused"] += said != "done"
    return done


def read_during_rebuilds(folder: Path, threads: int, rebuilds: int) -> dict[str, float]:
    """Threads ask without pause while builds replace every article; an answer rests on one generation."""
    store = folder / "store"
    build(store, articles(ARTICLES))
    alive: list[weakref.ref[Snapshot]] = []
    index = opened(store)
    stop, failures, asked = threading.Event(), [], [0] * threads

    def ask(number: int) -> None:
        dice = random.Random(number)
        try:
            while not stop.is_set():
                snapshot = index.current()
                hits = snapshot.search(f"the {dice.choice(WORDS)} report", 10)
                assert len(hits) == 10
                editions = {hit.article.text.split("edition ")[1].split(",")[0] for hit in hits}
                assert editions == {str(snapshot.generation - 1)}, (editions, snapshot.generation)
                asked[number] += 1
        except BaseException as error:
            failures.append(error)
            raise

    readers = [threading.Thread(target=ask, args=(number,)) for number in range(threads)]
    for reader in readers:
        reader.start()
    slowest, early = 0.0, 0
    try:
        for version in range(1, rebuilds + 1):
            build(store, articles(ARTICLES, version))
            began = time.monotonic()
            while index.generation != version + 1 and not failures:
                time.sleep(0.001)
            slowest = max(slowest, time.monotonic() - began)
            alive.append(weakref.ref(index.current()))
            if version == max(1, rebuilds // 5):
                early = resident()
            progress(f"{version} of {rebuilds} rebuilds")
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not failures, failures[0]
    gc.collect()
    held = sum(one() is not None for one in alive)
    assert held == 1, f"{held} generations are still in memory"
    return {
        "questions": sum(asked),
        "slowest take-up, s": round(slowest, 3),
        "memory after a fifth, MB": early // 1_000_000,
        "memory at the end, MB": resident() // 1_000_000,
        "generations held": held,
    }


def resident() -> int:
    """The bytes of memory that this process holds now."""
    with Path("/proc/self/statm").open() as handle:
        return int(handle.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def flip_bytes(folder: Path, flips: int, dice: random.Random) -> dict[str, int]:
    """Change one byte of one file at a time: `verify` names the file, opening refuses or answers right."""
    victim = Victim.make(folder)
    live = folder_of(victim.store, live_generation(victim.store))
    answer = expected(victim.state)
    paths = sorted(p for p in victim.store.rglob("*") if p.is_file() and p.name != LOCK)
    done = {"flips": 0, "files": len(paths), "refused": 0, "answered right": 0}
    for number in range(flips):
        path = paths[number % len(paths)]  # each file in turn, at its first and last byte and then anywhere
        data = path.read_bytes()
        turn = number // len(paths)
        place = 0 if turn == 0 else len(data) - 1 if turn == 1 else dice.randrange(len(data))
        altered = bytearray(data)
        altered[place] ^= dice.randint(1, 255)
        path.write_bytes(altered)
        named = [problem.file for problem in verify(victim.store)]
        assert named == [path.relative_to(victim.store).as_posix()], (path, place, named)
        try:
            assert everything(opened(victim.store).current()) == answer
            assert not path.is_relative_to(live), f"{path} opened with byte {place} changed"
            done["answered right"] += 1
        except (StoreDamaged, StoreMismatch) as error:
            assert "\n" not in str(error)
            assert "index rollback" in str(error)
            done["refused"] += 1
        path.write_bytes(data)
        done["flips"] += 1
    assert verify(victim.store) == []
    return done


def progress(text: str) -> None:
    """Where an attack is, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{text} ", end="", file=sys.stderr)
