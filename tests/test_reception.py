"""Multipart bodies in pieces of any size become files under their tokens, or nothing is left of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import InputError
from web import reception as module
from web.doors.refusal import Refusal
from web.inbox import Inbox
from web.reception import Reception

KIND = "multipart/form-data; boundary=b"


def body(**files: bytes) -> bytes:
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + name.encode() + b'"\r\n'
        b"Content-Type: text/plain\r\n\r\n" + data + b"\r\n"
        for name, data in files.items()
    ]
    return b"".join(parts) + b"--b--\r\n"


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(1, 60), min_size=1))
def test_files_come_whole_however_they_are_cut(
    data: bytes, cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = tmp_path_factory.mktemp("store")
    inbox = Inbox(store)
    taking, whole, turn = Reception(inbox, KIND, "me"), body(one=b"1", two=data), 0
    if b"\r\n--b" in data:
        return
    while whole:
        piece, whole = whole[: cuts[turn % len(cuts)]], whole[cuts[turn % len(cuts)] :]
        taking.write(piece)
        turn += 1
    one, two = taking.finish()
    assert inbox.has(one, "me")
    assert not inbox.has(one, "you")
    assert not inbox.has(one, "")
    paths = inbox.take([one, two])
    assert [(path.name, path.read_bytes()) for path in paths] == [("one", b"1"), ("two", data)]
    inbox.discard(paths)
    assert left(store) == []
    with pytest.raises(InputError, match="upload it again"):
        inbox.take([one])


def test_what_is_abandoned_leaves_nothing(tmp_path: Path) -> None:
    taking = Reception(Inbox(tmp_path), KIND, "me")
    taking.write(body(one=b"1", two=b"2")[:-20])
    with pytest.raises(Refusal, match="broke off"):
        taking.finish()
    assert left(tmp_path) != []
    taking.abandon()
    assert left(tmp_path) == []


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    taking = Reception(Inbox(tmp_path), KIND, "me")
    whole = body(one=b"1" * 100_000)
    taking.write(whole[:200])
    assert taking._file is not None
    taking._file.close()
    taking._file = Path("/dev/full").open("wb")  # noqa: SIM115 - `abandon` closes it
    with pytest.raises(Refusal, match="the disk is full: nothing was kept") as refusal:
        taking.write(whole[200:])
    assert refusal.value.status == 507
    taking.abandon()
    assert left(tmp_path) == []


def test_limits_hold_for_one_file_and_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_UPLOAD_BYTES", 10)
    monkeypatch.setattr("web.inbox.MAX_INCOMING_BYTES", 15)
    inbox = Inbox(tmp_path)
    taking = Reception(inbox, KIND, "me")
    with pytest.raises(Refusal, match="larger than"):
        taking.write(body(one=b"x" * 11))
    taking.abandon()
    taking = Reception(inbox, KIND, "me")
    taking.write(body(one=b"x" * 9))
    (token,) = taking.finish()
    another = Reception(inbox, KIND, "me")
    with pytest.raises(Refusal, match="too many uploads are waiting"):
        another.write(body(one=b"x" * 9))
    another.abandon()
    inbox.discard(inbox.take([token]))
    taking = Reception(inbox, KIND, "me")
    taking.write(body(one=b"x" * 9))
    assert taking.finish()


def test_what_is_never_added_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Inbox(tmp_path)
    taking = Reception(inbox, KIND, "me")
    taking.write(body(one=b"1"))
    (token,) = taking.finish()
    inbox.sweep()
    assert inbox.has(token, "me")
    monkeypatch.setattr("web.inbox.KEPT_SECONDS", -1.0)
    inbox.sweep()
    assert left(tmp_path) == []
