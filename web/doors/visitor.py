"""Who a request comes from, as the doors found it; kept in the scope, where pages and endpoints read it."""

from dataclasses import dataclass
from typing import Any

from starlette.types import Scope

KEY = "article_qa.visitor"


@dataclass(frozen=True, slots=True)
class Visitor:
    """One request's sender."""

    address: str
    name: str  # a user's, or empty for a guest
    scheme: str = "http"
    browser: str = ""  # the cookie by which uploads are known again
    size: int = 0  # bytes of the request's body


def visitor_of(request: Any) -> Visitor:
    """The sender of a request, Starlette's or Gradio's."""
    scope: Scope = getattr(request, "request", request).scope
    found = scope[KEY]
    assert isinstance(found, Visitor)
    return found
