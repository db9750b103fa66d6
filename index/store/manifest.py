"""What a generation says of itself, and the one small file that names the live generation.

Both carry their own checksum and are compared with their one canonical spelling, so that no flipped byte in
them passes for something else.
"""

import hashlib
import json
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import StoreDamaged, StoreError, StoreMismatch

FORMAT = 4
MANIFEST = "manifest.json"
CURRENT = "CURRENT"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a generation: its name within the folder, its size in bytes, the SHA-256 of its bytes."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a build did to the articles; `embedded` counts the passages that went through the embedder."""

    new: int
    changed: int
    unchanged: int
    removed: int
    skipped: int
    embedded: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation: what made it, what it holds, and the checksum of each of its files."""

    format: int
    generation: int
    created: str
    embedder: str
    embedder_digest: str
    dimension: int
    split: dict[str, Any]
    analyzer: int
    articles: int
    passages: int
    change: Change
    files: tuple[StoredFile, ...]

    @property
    def label_tokens(self) -> int:
        """The word pieces that title and heading take of what is embedded, at most."""
        return int(self.split["label_tokens"])

    @property
    def bytes(self) -> int:
        """The size of the generation's files together, without the manifest."""
        return sum(file.bytes for file in self.files)


def render_manifest(manifest: Manifest) -> bytes:
    """The manifest's one spelling on disk."""
    return _envelope(asdict(manifest))


def read_manifest(path: Path, hint: str) -> Manifest:
    """Raises StoreDamaged (missing or altered; `hint` says what helps), StoreMismatch (another format), StoreError."""
    try:
        data = path.read_bytes()
        body = json.loads(data)["manifest"]
        whole = data == _envelope(body)
    except PermissionError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise StoreDamaged(f"{path} is missing or not what was written: {hint}")
    if body.get("format") != FORMAT:
        raise StoreMismatch(
            f"{path.parent} has store format {body.get('format')}, this version reads {FORMAT}: "
            f"rebuild it with `python -m index build PATH... --store {shlex.quote(str(path.parents[2]))}`"
        )
    body["change"] = Change(**body["change"])
    body["files"] = tuple(StoredFile(**file) for file in body["files"])
    return Manifest(**body)


def _envelope(body: dict[str, Any]) -> bytes:
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return (json.dumps({"manifest": body, "sha256": digest}, indent=1, sort_keys=True) + "\n").encode()


def render_current(generation: int) -> bytes:
    """The content of CURRENT: the number and a checksum of it."""
    number = f"{generation:06d}"
    return f"{number} {hashlib.sha256(number.encode()).hexdigest()[:16]}\n".encode()


def parse_current(data: bytes) -> int | None:
    """The generation that CURRENT names, or None when its bytes were altered."""
    number = data.split(b" ", 1)[0]
    if not number.isdigit() or len(number) > 18 or data != render_current(int(number)):
        return None
    return int(number)
