"""What is kept of Gradio's sessions and of its queue has bounds, and nobody can take all of the places."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from web.doors import sessions
from web.doors.refusal import Refusal
from web.doors.sessions import KEPT_SECONDS, MAX_SESSIONS, MAX_WAITING_SESSION, SWEEP_SECONDS, Keeper, LeanSession
from web.doors.visitor import KEY, Visitor

ME, OTHER = Visitor("192.0.2.1", ""), Visitor("192.0.2.2", "")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def queue() -> Any:
    return SimpleNamespace(
        event_ids_to_events={}, pending_event_ids_session={}, pending_messages_per_session={}, max_size=500
    )


@pytest.fixture
def keeper(clock: list[float], queue: Any) -> Keeper:
    config = SimpleNamespace(blocks={1: SimpleNamespace(stateful=True, value=7)}, fns={})
    blocks = SimpleNamespace(_queue=queue, default_config=config, state_session_capacity=10, blocks=config.blocks)
    return Keeper(blocks, SimpleNamespace())


def put(queue: Any, name: str, visitor: Visitor = ME, session: str = "") -> None:
    """A question in the queue, as Gradio keeps it."""
    request = SimpleNamespace(scope={KEY: visitor})
    queue.event_ids_to_events[name] = SimpleNamespace(session_hash=session or name, request=request)
    queue.pending_event_ids_session.setdefault(session or name, set()).add(name)
    queue.pending_messages_per_session.setdefault(session or name, [])


def answer(queue: Any, name: str) -> None:
    del queue.event_ids_to_events[name]


def test_half_of_the_places_are_left_for_others(keeper: Keeper, queue: Any) -> None:
    for number in range(250):
        put(queue, f"q{number}")
    with pytest.raises(Refusal, match="250 questions from your address are waiting") as refusal:
        keeper.admit(ME, "")
    assert refusal.value.status == 429
    keeper.admit(OTHER, "")
    answer(queue, "q7")
    keeper.admit(ME, "")


def test_one_session_waits_with_so_many_and_one_queue_holds_so_much(keeper: Keeper, queue: Any) -> None:
    for number in range(MAX_WAITING_SESSION):
        put(queue, f"q{number}", session="s")
    with pytest.raises(Refusal, match="too many of your questions"):
        keeper.admit(ME, "s")
    keeper.admit(ME, "another")
    put(queue, "large", Visitor("192.0.2.3", "", size=sessions.MAX_WAITING_BYTES - 10))
    keeper.admit(Visitor("192.0.2.1", "", size=10), "another")
    with pytest.raises(Refusal, match="busy"):
        keeper.admit(Visitor("192.0.2.1", "", size=11), "another")


def test_what_nobody_fetches_is_let_go(keeper: Keeper, queue: Any, clock: list[float]) -> None:
    put(queue, "fetched")
    put(queue, "waits")
    answer(queue, "fetched")
    keeper.sweep()
    clock[0] += KEPT_SECONDS + SWEEP_SECONDS
    put(queue, "new")
    keeper.sweep()
    assert set(queue.pending_event_ids_session) == set(queue.pending_messages_per_session) == {"waits", "new"}
    assert keeper.known(event="waits")
    assert not keeper.known(event="fetched")


def test_a_page_that_is_open_is_kept(keeper: Keeper, queue: Any, clock: list[float]) -> None:
    keeper._sessions["page"]
    keeper.opened("page")
    clock[0] += 10 * KEPT_SECONDS
    keeper.sweep()
    assert "page" in keeper.names()
    keeper.closed("page")
    clock[0] += KEPT_SECONDS + SWEEP_SECONDS
    keeper.sweep()
    assert keeper.names() == set()


def test_past_the_bound_the_oldest_go(keeper: Keeper, queue: Any, clock: list[float]) -> None:
    for number in range(MAX_SESSIONS + 50):
        clock[0] += 0.01
        put(queue, f"q{number}")
        answer(queue, f"q{number}")
        keeper.sweep()
    assert len(keeper.names()) == MAX_SESSIONS
    assert "q0" not in keeper.names()
    assert f"q{MAX_SESSIONS + 49}" in keeper.names()


def test_a_session_keeps_its_states_and_no_copy_of_the_page(keeper: Keeper) -> None:
    session = keeper._sessions["page"]
    assert isinstance(session, LeanSession)
    assert session[1] == 7
    session._update_value_in_config(1, "x" * 10**6)
    assert session.config_values == {}
