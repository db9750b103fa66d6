"""The generation that a build starts from, and the embedder it goes on with."""

import logging
from dataclasses import dataclass
from pathlib import Path

from index.errors import StoreDamaged, StoreMismatch, StoreMissing
from index.search import DEFAULT_EMBEDDER, Embedder, load_embedder
from index.store import Manifest, check_generation, folder_of, live_generation

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Base:
    """The live generation, every byte of it checked."""

    folder: Path
    manifest: Manifest


def open_base(root: Path, *, needed: bool, replaceable: bool) -> Base | None:
    """The live generation; None when there is none, or when it is unusable and is to be replaced anyway.

    Raises StoreMissing when it is `needed`, StoreDamaged or StoreMismatch unless it is `replaceable`.
    """
    try:
        live = live_generation(root)
        return Base(folder_of(root, live), check_generation(root, live))
    except StoreMissing:
        if needed:
            raise
    except (StoreDamaged, StoreMismatch) as error:
        if not replaceable:
            raise
        logger.warning("building from nothing: %s", error)
    return None


def embedder_of(base: Base | None) -> Embedder:
    """A store keeps its embedder until it is built with another."""
    return load_embedder(base.manifest.embedder if base else DEFAULT_EMBEDDER)
