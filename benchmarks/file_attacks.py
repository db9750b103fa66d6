"""Hostile files: each read by a process of its own, then all of them built into one store.

    python -m benchmarks.attacks --files

Of each: processor seconds and peak memory of the worker that read it, the same of the process that asked and split
what came, and what came: passages, or the reason why nothing did.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from index import Skipped, read_articles, split, verify
from index.articles import limits, workers
from index.articles.formats import ARCHIVE
from tests.support.hostile_files import MAKERS, write_hostile
from tests.support.synthetic import article, build, opened

SLACK_SECONDS = 3.0  # of a worker's own start, and of the kernel that looks once a second
OWN_BYTES = 2_000_000_000
SECRET = "root:"  # how the file begins that some of them ask for


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file. Seconds are the processor's, bytes the most that was held."""

    name: str
    bytes: int
    worker_seconds: float
    worker_bytes: int
    own_seconds: float
    own_bytes: int
    articles: int
    passages: int
    message: str
    read_outside: bool

    @property
    def harms(self) -> list[str]:
        """What should not have happened."""
        seconds = limits.seconds_for(self.bytes) + (limits.ARCHIVE_SECONDS if self.name.endswith(ARCHIVE) else 0)
        found = {
            "took too long": self.worker_seconds > seconds + SLACK_SECONDS,
            "held up its owner": self.own_seconds > seconds,
            "took too much memory": self.worker_bytes > limits.MEMORY_BYTES or self.own_bytes > OWN_BYTES,
            "left no article and no reason": not self.articles and not self.message,
            "showed another file": self.read_outside,
        }
        return [harm for harm, is_so in found.items() if is_so]


def run(names: Iterable[str] = MAKERS) -> int:
    """Print a table and every harm; returns how many harms there were."""
    harms = []
    for name in names:
        outcome = in_a_process(name)
        harms += [f"{name}: {harm}" for harm in (outcome.harms if isinstance(outcome, Outcome) else [outcome])]
        print(line(outcome) if isinstance(outcome, Outcome) else f"| {name} | {outcome} |", flush=True)
    harms += all_at_once(names)
    for harm in harms:
        print(f"HARM {harm}")
    print(f"{len(harms)} harms")
    return len(harms)


def in_a_process(name: str) -> Outcome | str:
    """What comes of one file, measured in a process of its own; what that died of otherwise."""
    command = [sys.executable, "-m", "benchmarks.file_attacks", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"its process ended with {done.returncode}: {done.stderr.strip().rpartition(chr(10))[2]}"
    return Outcome(**json.loads(done.stdout))


def outcome_of(name: str) -> Outcome:
    """Read and split one file, here."""
    skipped: list[Skipped] = []
    with tempfile.TemporaryDirectory() as folder:
        path = write_hostile(Path(folder), name)
        size = path.stat().st_size
        before = time.process_time()
        articles = list(read_articles([path], on_skip=skipped.append))
        passages = sum(len(split(one)) for one in articles)
        own = time.process_time() - before
    workers.end_idle()
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Outcome(
        name=name,
        bytes=size,
        worker_seconds=round(theirs.ru_utime + theirs.ru_stime, 1),
        worker_bytes=theirs.ru_maxrss * 1024,
        own_seconds=round(own, 1),
        own_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        articles=len(articles),
        passages=passages,
        message=skipped[0].reason if skipped else "",
        read_outside=any(SECRET in one.text for one in articles),
    )


def line(outcome: Outcome) -> str:
    """The outcome as a row of a table."""
    facts = (
        f"{outcome.bytes:,}",
        f"{outcome.worker_seconds} s",
        f"{outcome.worker_bytes // 10**6} MB",
        f"{outcome.own_seconds} s",
        f"{outcome.own_bytes // 10**6} MB",
        outcome.message or f"{outcome.passages:,} passages",
    )
    return f"| {outcome.name} | {' | '.join(facts)} |"


def all_at_once(names: Iterable[str]) -> list[str]:
    """The harms of a build from a folder with all of them and one good article."""
    skipped: list[Skipped] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as made:
        folder, store = Path(made) / "articles", Path(made) / "store"
        folder.mkdir()
        for name in names:
            write_hostile(folder, name)
        (folder / "mill.txt").write_text(article("mill").text)
        build(store, read_articles([folder], on_skip=skipped.append), skipped=skipped)
        found = opened(store).search("The mill stands by the river", 1)[0].article
        told = {"files": len(list(folder.iterdir())), "skipped": len(skipped), "problems": len(verify(store))}
        right = Path(found.source).name == "mill.txt"
    print(f"| all at once | {told} | {time.monotonic() - began:.0f} s |", flush=True)
    return (
        [] if right and not told["problems"] else ["all at once: the good article was lost, or the store is not whole"]
    )


if __name__ == "__main__":
    print(json.dumps(asdict(outcome_of(sys.argv[1]))))
