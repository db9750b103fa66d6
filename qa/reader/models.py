"""The reader that answers and its calibration, each loaded when first used."""

import threading
from contextlib import suppress

from index import ArticleQAError
from qa.reader.checkpoint import load_checkpoint
from qa.reader.choice import Choice, choose
from qa.reader.extractive import ExtractiveReader, Reader
from qa.reader.ranking import Calibration


class Models:
    """A reader by its name or as it is, or the best that there is. Thread-safe."""

    def __init__(self, reader: str | Reader | None = None) -> None:
        self._named = reader if isinstance(reader, str) else None
        self._reader = None if isinstance(reader, str) else reader
        self._choice: Choice | None = None
        self._calibration: Calibration | None = None
        self._loading = threading.Lock()

    def load(self) -> None:
        """Load both now. What stands against it is told to who uses them first."""
        with suppress(ArticleQAError):
            _ = self.reader, self.calibration

    @property
    def reader(self) -> Reader:
        """The reader."""
        with self._loading:
            if self._reader is None:
                choice = self._chosen()
                self._reader = ExtractiveReader(load_checkpoint(choice.weights, choice.name))
            return self._reader

    @property
    def reader_name(self) -> str:
        """What the reader is called: "large", "small", or as it was given."""
        with self._loading:
            return self._chosen().name if self._reader is None else self._reader.name

    @property
    def calibration(self) -> Calibration:
        """The weights kept beside the reader."""
        with self._loading:
            if self._calibration is None:
                given = self._reader is not None and self._choice is None
                self._calibration = Calibration.load() if given else Calibration.load(self._chosen().calibration)
            return self._calibration

    def _chosen(self) -> Choice:
        if self._choice is None:
            self._choice = choose(self._named)
        return self._choice
