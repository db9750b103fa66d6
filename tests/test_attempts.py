"""Wrong passwords cost waiting, each address and name for itself, on a clock that nobody sets."""

import asyncio
import base64
import time
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from web import attempts
from web.attempts import FREE, FREE_ADDRESS, LONGEST_SECONDS, MAX_KEPT, Attempts
from web.auth import Gate
from web.doors.refusal import Refusal
from web.users import Users, add_user

HOME, AWAY = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, to be set by hand; the wall clock goes back a year at each look."""
    now = [1000.0]
    wall = iter(range(10**9, 0, -365 * 86400))
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "time", lambda: float(next(wall)))
    return now


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    add_user(tmp_path / "users", "ada", "correct horse")
    add_user(tmp_path / "users", "bob", "battery staple")
    return Gate(Users.read(tmp_path / "users"), private=True, loopback=False)


def test_the_pauses_grow_and_end(clock: list[float]) -> None:
    counts, pauses = Attempts(), []
    for _ in range(FREE + 12):
        pauses.append(counts.wait(HOME, "ada"))
        clock[0] += pauses[-1]
        counts.begin(HOME, "ada")
    assert pauses[:FREE] == [0.0] * FREE
    assert pauses[FREE : FREE + 4] == [1.0, 2.0, 4.0, 8.0]
    assert max(pauses) == LONGEST_SECONDS
    clock[0] += attempts.FORGOTTEN_SECONDS + 1
    assert counts.wait(HOME, "ada") == 0


def test_others_do_not_wait_but_who_tries_names_does(clock: list[float]) -> None:
    counts = Attempts()
    for _ in range(FREE):
        counts.begin(HOME, "ada")
    assert counts.wait(HOME, "ada") > 0
    assert counts.wait(HOME, "bob") == counts.wait(AWAY, "ada") == 0
    for number in range(FREE_ADDRESS):
        counts.begin(AWAY, f"name {number}")
    assert counts.wait(AWAY, "bob") > 0


def test_what_is_kept_is_bounded(clock: list[float]) -> None:
    counts = Attempts()
    for number in range(MAX_KEPT):
        counts.begin(f"192.0.2.{number}", "ada")
    assert len(counts._counts) == MAX_KEPT


def test_the_right_password_of_another_is_taken_while_one_waits(gate: Gate) -> None:
    async def tried() -> None:
        for _ in range(FREE):
            assert await gate.sign_in(HOME, "ada", "wrong") is None
        with pytest.raises(Refusal, match="too many wrong passwords: try again in 1 s"):
            await gate.sign_in(HOME, "ada", "correct horse")
        assert await gate.sign_in(HOME, "bob", "battery staple")
        assert await gate.sign_in(AWAY, "ada", "correct horse")

    asyncio.run(tried())


def test_many_wrong_passwords_at_once_are_no_way_around(gate: Gate) -> None:
    async def tried() -> list[str | BaseException | None]:
        return await asyncio.gather(
            *(gate.sign_in(HOME, "ada", f"wrong {number}") for number in range(3 * FREE)), return_exceptions=True
        )

    found = asyncio.run(tried())
    assert found.count(None) == FREE
    assert sum(isinstance(one, Refusal) for one in found) == 2 * FREE


def test_passwords_are_hashed_while_the_loop_goes_on(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    def slow(name: str, password: str) -> None:
        time.sleep(0.2)
        steps.append("hashed")

    async def tried() -> None:
        assert gate.users is not None
        monkeypatch.setattr(gate.users, "check", slow)
        signing = asyncio.create_task(gate.sign_in(HOME, "ada", "wrong"))
        await asyncio.sleep(0.02)
        steps.append("went on")
        await signing

    asyncio.run(tried())
    assert steps == ["went on", "hashed"]


def test_a_right_basic_password_is_hashed_once(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    value = base64.b64encode(b"ada:correct horse").decode()
    headers = Headers({"authorization": f"Basic {value}"})

    async def asked() -> None:
        assert await gate.who(headers, HOME) == "ada"
        monkeypatch.setattr(gate.users, "check", None)
        assert await gate.who(headers, HOME) == "ada"

    asyncio.run(asked())
