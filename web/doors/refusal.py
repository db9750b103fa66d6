"""A request that goes no further: a status and one line that says why."""

import json
from collections.abc import Mapping

from starlette.responses import PlainTextResponse, Response

from index.articles import visible


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """Raised by any door; becomes the answer."""

    def __init__(self, status: int, line: str, headers: Mapping[str, str] | None = None) -> None:
        self.line = visible(line)  # it may name what was sent
        super().__init__(self.line)
        self.status = status
        self.headers = dict(headers or {})

    def response(self, kind: str) -> Response:
        """As the route's clients read it: JSON-RPC, JSON or plain text."""
        if kind == "mcp":
            body: dict[str, object] = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": self.line}}
        elif kind in ("event", "join", "call", "cancel", "data", "result"):
            body = {"error": self.line, "detail": self.line}  # the page reads the one, programs the other
        else:
            return PlainTextResponse(self.line, self.status, self.headers)
        return Response(json.dumps(body), self.status, self.headers, media_type="application/json")
