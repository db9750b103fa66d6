"""A thumb up or down, and the word that may follow it, kept as feedback."""

from dataclasses import replace

import gradio as gr

from qa import Answer
from qa.feedback import MAX_COMMENT, Opinion
from web.conversations import Conversation, Exchange
from web.site import Site


def judged(site: Site, conversation: Conversation, event: gr.EventData, address: str) -> Conversation | None:
    """The conversation with the opinion that was given, which is kept; None when it was about nothing.

    Raises InputError for too many from one address, StoreError when it cannot be kept.
    """
    exchange = conversation.find(str(event.exchange))
    words = str(getattr(event, "words", ""))[:MAX_COMMENT]
    verdict = exchange.verdict if exchange and words else str(getattr(event, "verdict", ""))
    said = exchange.said if exchange else None
    if exchange is None or said is None or verdict not in ("up", "down"):
        return None
    exchange = replace(exchange, verdict="up" if verdict == "up" else "down", remarked=bool(words))
    site.opinions.step(address)
    site.feedback.keep(_opinion(conversation.id, exchange, said, words))
    return conversation.put(exchange)


def _opinion(conversation_id: str, exchange: Exchange, said: Answer, words: str) -> Opinion:
    nearest = said.citations[0] if said.citations else said.related[0] if said.related else None
    start = nearest.answer_start - nearest.start if nearest and nearest.answer_start is not None else None
    return Opinion(
        id=f"{conversation_id}-{exchange.id}",
        verdict=exchange.verdict,
        question=exchange.asked_as or exchange.question,
        answer=said.text,
        generation=said.generation,
        title=nearest.article.title if nearest else "",
        source=nearest.article.source if nearest else "",
        context=nearest.quote if nearest else "",
        answer_start=start if said.text is not None else None,
        comment=words,
    )
