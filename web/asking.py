"""One question of a conversation, asked of the articles: follow-ups made whole, filters applied, errors in words."""

import queue
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from qa import Answer, Citation
from qa.conversation import Turn, standalone
from web.conversations import Conversation, Exchange
from web.filters import scope_of, to_filter
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
    scope = scope_of(exchange.where, site.snapshot().articles() if any(exchange.where) else ())
    where = to_filter(exchange.where)
    asked_as = standalone(exchange.question, turns(conversation.before(exchange.id)))
    answer = site.qa.ask(asked_as, where=where, on_step=lambda step: steps.put(step_words(step)))
    return replace(exchange, asked_as=answer.asked_as or asked_as, scope=scope, said=_shown(site, answer), problem="")


def _shown(site: Site, answer: Answer) -> Answer:
    """The answer with its sources as the pages call them, and without the articles' texts."""

    def shown(citation: Citation) -> Citation:
        return replace(citation, article=replace(citation.article, source=site.shown(citation.article.source), text=""))

    citations, related, others = (tuple(map(shown, some)) for some in (answer.citations, answer.related, answer.others))
    return replace(answer, citations=citations, related=related, others=others)


def turns(exchanges: tuple[Exchange, ...]) -> list[Turn]:
    """The exchanges before a question, as `qa.conversation` takes them."""
    return [Turn(exchange.question, exchange.asked_as or exchange.question, exchange.said) for exchange in exchanges]
