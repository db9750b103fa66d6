"""Embeddings that a build has made, kept aside until it is done: a killed build resumes from them."""

import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from index.store import durable

_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"


class EmbeddingCache:
    """Vectors by key in one SQLite table; in memory are only the keys. What cannot be read is begun anew.

    Opening, adding and reading raise OSError or sqlite3.Error when the disk refuses.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self.path = path
        self._bytes = 4 * dimension
        durable.before("write", path)
        try:
            self._connection, self._keys = self._opened()
        except sqlite3.OperationalError:  # the disk is full or may not be written
            raise
        except sqlite3.DatabaseError:  # the file is no database any more
            durable.remove(path)
            self._connection, self._keys = self._opened()

    def _opened(self) -> tuple[sqlite3.Connection, set[bytes]]:
        connection = sqlite3.connect(self.path)
        try:
            connection.execute(_TABLE)
            return connection, self._whole(connection)
        except sqlite3.Error:
            connection.close()
            raise

    def _whole(self, connection: sqlite3.Connection) -> set[bytes]:
        """The keys of all vectors. Raises DatabaseError unless the file has its length and each vector its checksum."""
        (pages,), (size,) = (connection.execute(f"PRAGMA page_{name}").fetchone() for name in ("count", "size"))
        keys = set()
        for key, kept in connection.execute("SELECT key, vector FROM vectors"):
            if len(kept) != self._bytes + 4 or _sealed(key, kept[:-4]) != kept:
                raise sqlite3.DatabaseError(f"{self.path} holds another vector than was kept")
            keys.add(key)
        if self.path.stat().st_size != pages * size:
            raise sqlite3.DatabaseError(f"{self.path} is torn")
        return keys

    def __contains__(self, key: bytes) -> bool:
        return key in self._keys

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep vectors, shape (keys, dimension), under their keys. When that fails, those kept before stay."""
        rows = np.ascontiguousarray(vectors, dtype="<f4")
        durable.before("write", self.path)
        with self._connection:
            pairs = [(key, _sealed(key, row.tobytes())) for key, row in zip(keys, rows, strict=True)]
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", pairs)
        self._keys.update(keys)

    def get(self, key: bytes) -> NDArray[np.float32]:
        """The vector, shape (dimension,), under a key that is there."""
        (vector,) = self._connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        return np.frombuffer(vector, dtype="<f4", count=self._bytes // 4)

    def __enter__(self) -> "EmbeddingCache":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()


def _sealed(key: bytes, vector: bytes) -> bytes:
    """A vector with its checksum behind it."""
    return vector + zlib.crc32(key + vector).to_bytes(4, "little")
