"""One question of a conversation, asked of the articles: follow-ups made whole, filters applied, errors in words."""

import queue
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from qa.conversation import Turn, standalone
from web.conversations import Conversation, Exchange
from web.filters import to_filter
from web.site import Site, one_line, step_words

# Two at a time keep a slow question from blocking the next; more would only share the same cores.
AT_ONCE = 2
_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ask")


def answers(site: Site, conversation: Conversation, exchange: Exchange) -> Iterator[str | Exchange]:
    """What is being done, step by step, and at the end the exchange with its answer or its problem."""
    steps: queue.SimpleQueue[str | Exchange] = queue.SimpleQueue()

    def work() -> None:
        try:
            steps.put(_answer(site, conversation, exchange, steps))
        except Exception as error:  # whatever it was, the person who waits has to hear of it
            steps.put(replace(exchange, problem=one_line(error)))

    _pool.submit(work)
    while isinstance(step := steps.get(), str):
        yield step
    yield step


def _answer(
    site: Site, conversation: Conversation, exchange: Exchange, steps: "queue.SimpleQueue[str | Exchange]"
) -> Exchange:
    where = to_filter(exchange.where)
    asked_as = standalone(exchange.question, turns(conversation.before(exchange.id)))
    answer = site.qa.ask(asked_as, where=where, on_step=lambda step: steps.put(step_words(step)))
    return replace(exchange, asked_as=answer.asked_as or asked_as, said=answer, problem="")


def turns(exchanges: tuple[Exchange, ...]) -> list[Turn]:
    """The exchanges before a question, as `qa.conversation` takes them."""
    return [Turn(exchange.question, exchange.asked_as or exchange.question, exchange.said) for exchange in exchanges]
