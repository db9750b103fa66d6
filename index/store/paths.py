"""Generations on disk: where they lie, which one is live, whether their bytes are right, switching and letting go.

store/CURRENT                     the live generation's number
store/generations/000007/         manifest.json and the files it lists; never changed once there
store/work/                       what a build writes aside; holds nothing that anyone reads
store/LOCK                        held by the one writer
"""

import os
import shlex
from pathlib import Path

from index.checksum import file_sha256
from index.errors import StoreDamaged, StoreError, StoreMissing
from index.project import PROJECT
from index.store import durable
from index.store.manifest import CURRENT, MANIFEST, Manifest, parse_current, read_manifest, render_current

STORE_VARIABLE = "ARTICLE_QA_STORE"
GENERATIONS = "generations"
WORK = "work"
VECTORS = "vectors.npy"  # one float32 unit row for each passage, shape (passages, dimension)
CODES = "codes.faiss"  # of the vectors, where they are many
LEXICAL = "lexical"  # the folder of the word index
EMBEDDINGS = "embeddings-"  # how files in `work/` begin from which a killed build resumes
KEEP = 2  # generations: the live one and one to go back to


def default_store() -> Path:
    """Where the store is when nobody says: `ARTICLE_QA_STORE`, else `store/` beside the project."""
    return Path(os.environ.get(STORE_VARIABLE) or PROJECT / "store")


def remedy(root: Path) -> str:
    """What to do about a damaged store, as the end of an error's line."""
    option = f"--store {shlex.quote(str(root))}"
    return (
        f"see `python -m index verify {option}`; `python -m index rollback {option}` goes back one "
        f"generation, `python -m index build PATH... {option}` makes a new one"
    )


def folder_of(root: Path, generation: int) -> Path:
    """Where a generation lies."""
    return root / GENERATIONS / f"{generation:06d}"


def generations(root: Path) -> list[int]:
    """The numbers of the generations that are there, ascending. Raises StoreError when the folder cannot be read."""
    try:
        return sorted(int(path.name) for path in (root / GENERATIONS).iterdir() if path.name.isdigit())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(f"cannot read {root / GENERATIONS}: {error.strerror}") from error


def live_generation(root: Path) -> int:
    """The number in CURRENT. Raises StoreMissing, StoreDamaged, or StoreError when it cannot be read."""
    path = root / CURRENT
    try:
        generation = parse_current(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        if generations(root):
            raise StoreDamaged(f"{path} is missing: {remedy(root)}") from None
        command = f"`python -m index build PATH... --store {shlex.quote(str(root))}`"
        raise StoreMissing(f"there is no store at {root}: make one with {command}") from None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    if generation is None:
        raise StoreDamaged(f"{path} is not what was written: {remedy(root)}")
    return generation


def check_generation(root: Path, generation: int) -> Manifest:
    """The manifest of a generation whose every byte is what was written. Raises StoreDamaged, StoreMismatch.

    This comes before any byte goes to SQLite or FAISS, which may crash on altered files.
    """
    folder = folder_of(root, generation)
    manifest = read_manifest(folder / MANIFEST, remedy(root))
    for name, problem in file_problems(folder, manifest):
        raise StoreDamaged(f"{folder / name} {problem}: {remedy(root)}")
    return manifest


def file_problems(folder: Path, manifest: Manifest) -> list[tuple[str, str]]:
    """(name, what is wrong) for each listed file that is missing or altered."""
    problems = []
    for file in manifest.files:
        path = folder / file.name
        try:
            if path.stat().st_size != file.bytes:
                problems.append((file.name, f"has {path.stat().st_size} bytes, not {file.bytes}"))
            elif file_sha256(path) != file.sha256:
                problems.append((file.name, "is not what was written (its checksum differs)"))
        except OSError as error:
            problems.append((file.name, f"cannot be read ({error.strerror})"))
    return problems


def next_generation(root: Path) -> int:
    """A number that no generation of this store has had while its readers may still hold it."""
    try:
        live = live_generation(root)
    except StoreError:
        live = 0
    return max([live, *generations(root)]) + 1


def clean_work(root: Path) -> Path:
    """Empty `work/` of what a killed build left, except its embeddings; returns the folder."""
    work = root / WORK
    durable.make_folder(work)
    for path in work.iterdir():
        if not path.name.startswith(EMBEDDINGS):
            durable.remove(path)
    return work


def publish(root: Path, aside: Path, generation: int, keep: int) -> None:
    """Make a finished, synced folder the live generation, then let go of those past `keep`."""
    target = folder_of(root, generation)
    durable.make_folder(target.parent)
    kept = [*earlier(root, inclusive=True), generation][-keep:]  # neither orphans nor what was rolled back from
    durable.move(aside, target)
    switch(root, generation)
    for number in generations(root):
        if number not in kept:
            discard(root, number)


def switch(root: Path, generation: int) -> None:
    """Name the live generation, in one step."""
    durable.replace(root / CURRENT, render_current(generation))


def discard(root: Path, generation: int) -> None:
    """Remove a generation: out of sight in one step, then its files; who has it open keeps it."""
    trash = root / WORK / f"removed-{generation:06d}"
    durable.make_folder(trash.parent)
    durable.move(folder_of(root, generation), trash)
    durable.remove(trash)


def earlier(root: Path, *, inclusive: bool = False) -> list[int]:
    """The generations before the live one (or up to it); all, when CURRENT does not say which that is."""
    try:
        live = live_generation(root)
    except StoreError:
        return generations(root)
    return [number for number in generations(root) if number < live + inclusive]
