"""What a build did, for a shell or a page to tell."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build did: articles told apart, passages held, texts embedded, wall seconds, where."""

    generation: int
    changed_generation: bool
    new: int
    changed: int
    unchanged: int
    removed: int
    skipped: int
    passages: int
    embedded: int
    seconds: float
    store: str
