"""Turns and room: what is worked on at once for one address, and what of its bodies is held meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message

from web.doors import bodies
from web.doors.bodies import Room
from web.doors.refusal import Refusal
from web.doors.turns import Turns


class Work:
    """Requests that go on until they are told to begin their answers."""

    def __init__(self, turns: Turns) -> None:
        self.begin, self.begun = asyncio.Event(), list[str]()
        self._turns = turns

    async def request(self, kind: str, address: str, after: Callable[[], Awaitable[object]] | None = None) -> None:
        async def send(message: Message) -> None:
            self.begun.append(f"answer {address}")

        async with self._turns.turn(kind, address, send) as sent:
            self.begun.append(f"{kind} {address}")
            await self.begin.wait()
            await sent({"type": "http.response.start"})
            if after:
                await after()


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_so_many_of_one_address_at_once_and_nobody_else_waits() -> None:
    async def scene() -> None:
        work = Work(Turns(at_once=2))
        mine = [asyncio.create_task(work.request("page", "a")) for _ in range(9)]
        await settled()
        assert work.begun == ["page a", "page a"]
        others = [asyncio.create_task(work.request(kind, "b" if kind == "page" else "a"))
                  for kind in ("page", "event", "data", "form")]  # fmt: skip
        await settled()
        assert work.begun[2:] == ["page b", "event a", "data a", "form a"]
        work.begin.set()
        await asyncio.gather(*mine, *others)
        assert work.begun.count("page a") == work.begun.count("answer a") - 3 == 9
        assert work._turns._lines == {}

    asyncio.run(scene())


def test_a_client_that_is_slow_to_read_keeps_no_turn() -> None:
    async def scene() -> None:
        work, read = Work(Turns(at_once=1)), asyncio.Event()
        work.begin.set()
        slow = asyncio.create_task(work.request("page", "a", after=read.wait))
        await settled()
        await asyncio.wait_for(work.request("page", "a"), 60)
        assert not slow.done()
        read.set()
        await slow

    asyncio.run(scene())


def test_who_leaves_the_line_holds_nobody_up() -> None:
    async def scene() -> None:
        work = Work(Turns(at_once=1))
        tasks = [asyncio.create_task(work.request("page", "a")) for _ in range(3)]
        await settled()
        for task in tasks[:2]:
            task.cancel()
        await settled()
        assert work.begun == ["page a", "page a"]
        work.begin.set()
        await tasks[2]
        assert work._turns._lines == {}

    asyncio.run(scene())


def test_bodies_count_until_their_requests_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY_BYTES", 100)
    room = Room()
    with room.held("a") as first:
        first(50)
        with room.held("b") as other, room.held("a") as second, pytest.raises(Refusal, match="busy"):
            other(30)
            second(1)
        with room.held("c") as third:
            third(50)
            with room.held("d") as fourth, pytest.raises(Refusal, match="busy"):
                fourth(1)
    assert not room._held
