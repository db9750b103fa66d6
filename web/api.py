"""The endpoints for programs: `/ask`, `/retrieve`, `/articles`, `/build`; the same are the MCP tools."""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

import gradio as gr

from index import InputError
from qa.shell import hits_json
from web.asking import AT_ONCE
from web.doors.calls import Parameter, parameters
from web.doors.visitor import Visitor, visitor_of
from web.filters import to_filter
from web.site import Site

MAX_PASSAGES = 100


class Endpoints:
    """What programs can call. Mistakes are errors with our one line."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def ask(
        self, question: str, title: str = "", source: str = "", published_from: str = "", published_to: str = ""
    ) -> dict[str, Any]:
        """Answer a question in the exact words of the articles, with citations, or say that they do not say.

        Args:
            question: The question, as a full sentence.
            title: Only articles whose title contains this, or matches it where it holds * or ?.
            source: Only articles whose source contains or matches this.
            published_from: Only articles published on or after this date: 2024, 2024-05 or 2024-05-20.
            published_to: Only articles published on or before this date.

        Returns:
            question, answered, answer, confidence and citations, each with its quote, offsets and article.
        """
        where = to_filter((title, source, published_from, published_to))
        return self._site.qa.ask(question, where=where).to_json()

    def retrieve(  # noqa: PLR0917 - Gradio passes by position
        self,
        query: str,
        k: int = 10,
        title: str = "",
        source: str = "",
        published_from: str = "",
        published_to: str = "",
    ) -> list[dict[str, Any]]:
        """Find the passages that fit a query best.

        Args:
            query: What to look for.
            k: How many passages, 1 to 100.
            title: Only articles whose title contains this, or matches it where it holds * or ?.
            source: Only articles whose source contains or matches this.
            published_from: Only articles published on or after this date: 2024, 2024-05 or 2024-05-20.
            published_to: Only articles published on or before this date.

        Returns:
            The passages, best first: rank, score, passage with its offsets, article.
        """
        where = to_filter((title, source, published_from, published_to))
        return hits_json(self._site.qa.retrieve(query, min(k, MAX_PASSAGES), where=where))

    def articles(self) -> dict[str, Any]:
        """List what is in the store.

        Returns:
            The live generation and the articles: id, title, source, published, number of passages.
        """
        snapshot = self._site.snapshot()
        listed = [
            {
                "id": info.id,
                "title": info.title,
                "source": info.source,
                "published": info.published.isoformat() if info.published else None,
                "passages": info.passages,
            }
            for info in snapshot.articles()
        ]
        return {"generation": snapshot.generation, "articles": listed}

    def build(self, request: gr.Request) -> dict[str, Any]:
        """Read the articles' files again and bring the store up to date. Operators only, once there are users.

        Returns:
            What changed, the live generation, and the first hundred files that were skipped with their reasons.
        """
        return self.built_for(visitor_of(request))

    def built_for(self, visitor: Visitor) -> dict[str, Any]:
        """The same for one who was let in. Raises InputError for one who may not, or what the build could not do."""
        if not self._site.gate.may_change(visitor.name):
            raise InputError("only operators may build: send their name and password by HTTP Basic")
        self._site.jobs.start("The build", self._site.rebuilding())
        job = self._site.jobs.wait()
        if job.summary is None:
            raise InputError(job.problem)
        return {**asdict(job.summary), "skipped_files": [asdict(skipped) for skipped in job.skipped]}


def add_endpoints(site: Site) -> None:
    """Register the four with Gradio, within the open Blocks context."""
    endpoints = Endpoints(site)
    shared: dict[str, Any] = {"concurrency_id": "ask", "concurrency_limit": AT_ONCE}
    gr.api(endpoints.ask, api_name="ask", **shared)
    gr.api(endpoints.retrieve, api_name="retrieve", **shared)
    gr.api(endpoints.articles, api_name="articles", concurrency_limit=AT_ONCE)
    gr.api(endpoints.build, api_name="build", concurrency_limit=1)


def endpoint_parameters() -> dict[str, tuple[Parameter, ...]]:
    """What each endpoint takes, by its name."""
    every = (Endpoints.ask, Endpoints.retrieve, Endpoints.articles, Endpoints.build)
    return {function.__name__: parameters(function) for function in every}


def tools(site: Site) -> dict[str, Callable[..., Any]]:
    """The endpoints as functions of who asks and of their parameters by name."""
    endpoints = Endpoints(site)

    def for_anyone(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(visitor: Visitor, **given: Any) -> Any:
            return function(**given)

        return call

    @wraps(endpoints.build)
    def build(visitor: Visitor) -> Any:
        return endpoints.built_for(visitor)

    anyone = (endpoints.ask, endpoints.retrieve, endpoints.articles)
    return {**{function.__name__: for_anyone(function) for function in anyone}, "build": build}
