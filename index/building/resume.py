"""Embeddings that a build has made, kept aside until it is done: a killed build resumes from them.

An append-only file of records: the key (16 bytes), the vector (float32), a CRC-32 of both. What a kill cut
short at its end is dropped when it is opened again.
"""

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from index.store import durable

KEY_BYTES = 16
CRC_BYTES = 4


class EmbeddingCache:
    """Vectors by key, on disk; in memory are only the keys and their places."""

    def __init__(self, path: Path, dimension: int) -> None:
        self.path = path
        self._record = KEY_BYTES + 4 * dimension + CRC_BYTES
        self._places: dict[bytes, int] = {}
        durable.before("write", path)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self._end = self._load()
        os.ftruncate(self._handle, self._end)

    def _load(self) -> int:
        place = 0
        while record := self._read(place):
            self._places[record[:KEY_BYTES]] = place
            place += self._record
        return place

    def _read(self, place: int) -> bytes | None:
        record = os.pread(self._handle, self._record, place)
        whole = len(record) == self._record and zlib.crc32(record[:-CRC_BYTES]) == _crc(record)
        return record if whole else None

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Append vectors (n, dimension) under their keys. When a write fails, the records before it stay."""
        data = bytearray()
        for key, vector in zip(keys, np.ascontiguousarray(vectors, dtype="<f4"), strict=True):
            body = key + vector.tobytes()
            data += body + zlib.crc32(body).to_bytes(CRC_BYTES, "little")
        durable.before("write", self.path)
        view = memoryview(data)
        while view:
            written = os.pwrite(self._handle, view, self._end + len(data) - len(view))
            view = view[written:]
        for number, key in enumerate(keys):
            self._places[key] = self._end + number * self._record
        self._end += len(data)

    def get(self, key: bytes) -> NDArray[np.float32]:
        """The vector under a key that is there."""
        record = self._read(self._places[key])
        if record is None:
            raise OSError(f"{self.path} changed while it was in use")
        return np.frombuffer(record, dtype="<f4", offset=KEY_BYTES, count=(len(record) - KEY_BYTES - CRC_BYTES) // 4)

    def __enter__(self) -> "EmbeddingCache":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._handle)


def _crc(record: bytes) -> int:
    return int.from_bytes(record[-CRC_BYTES:], "little")
