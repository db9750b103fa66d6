"""The bodies of events and calls, made anew out of what fits: nothing else that a request brought gets further."""

import json
import re
from collections.abc import Mapping
from typing import Any

import gradio as gr

from web.doors.calls import Parameter, described, event_data, named, positional
from web.doors.payloads import check_text
from web.doors.refusal import Refusal
from web.doors.routes import NAME

Endpoints = Mapping[str, tuple[Parameter, ...]]
_NAME = re.compile(NAME)
_SAID_CHARS = 2_000  # of what the page says of an event: a question, an opinion's words, an id
# What the page says of each event that is raised by static/conversation.js and articles.js.
_SAID = {
    "example": ("question",), "again": ("exchange",), "edit": ("exchange",), "cite": ("exchange", "number"),
    "related": ("exchange", "number"), "judge": ("exchange", "verdict"), "remark": ("exchange", "words"),
    "sort": ("by",), "remove": ("article",), "back": ("generation",),
}  # fmt: skip


def event(body: Any, blocks: gr.Blocks, endpoints: Endpoints, *, queued: bool) -> dict[str, Any]:
    """The body of a page's event, or of gradio_client's call. Raises Refusal."""
    if not isinstance(body, dict):
        raise Refusal(422, f"the request must be an object of JSON, got {described(body)}")
    number, trigger = body.get("fn_index"), body.get("trigger_id")
    function = blocks.fns.get(number) if isinstance(number, int) and not isinstance(number, bool) else None
    if function is None or function.fn is None or bool(function.queue) != queued:
        raise Refusal(422, "there is no such event here")
    if trigger is not None and (not isinstance(trigger, int) or isinstance(trigger, bool)):
        raise Refusal(422, f"trigger_id must be a whole number, got {described(trigger)}")
    name = str(function.api_name or "")
    is_endpoint = function.api_visibility == "public" and name in endpoints
    data = body.get("data")
    return {
        "fn_index": number,
        "session_hash": session(body.get("session_hash")),
        "data": positional(endpoints[name], data) if is_endpoint else event_data(function, data),
        "event_data": _about(function, body.get("event_data")),
        "trigger_id": None,  # Gradio would change the component that it names
    }


def session(value: Any) -> str:
    """A session's name. Raises Refusal for what is none."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Refusal(422, "session_hash must be 1 to 64 letters, digits, - or _")
    return value


def _about(function: Any, value: Any) -> dict[str, Any] | None:
    """What a page says of an event besides its values."""
    if not function.collects_event_data:
        return None
    if not isinstance(value, dict):
        raise Refusal(422, f"event_data must be an object of JSON, got {described(value)}")
    kinds = {kind for _, kind in function.targets}
    if "select" in kinds:
        row = value.get("row_value")
        if not isinstance(row, list) or len(row) < 2 or not all(map(_is_said, row)):
            raise Refusal(422, "event_data is not what this event takes")
        return {"index": None, "value": None, "row_value": row}
    names = [name for kind in kinds for name in _SAID.get(str(kind), ())]
    if wrong := [name for name in names if not _is_said(value.get(name))]:
        raise Refusal(422, f"event_data must hold {wrong[0]}, a text of at most {_SAID_CHARS:,} characters")
    return {name: value[name] for name in names}


def _is_said(value: Any) -> bool:
    return (isinstance(value, str) and len(value) <= _SAID_CHARS) or isinstance(value, int)


def call(name: str, body: Any, endpoints: Endpoints, *, by_name: bool) -> dict[str, Any]:
    """The body of a call of an endpoint: `{"question": …}`, or `{"data": […]}` in the older way. Raises Refusal."""
    if name not in endpoints:
        raise Refusal(404, f"there is no endpoint /{name}; there are: {', '.join(f'/{one}' for one in endpoints)}")
    wanted = endpoints[name]
    if by_name:
        values = named(wanted, body)
        return {one.name: value for one, value in zip(wanted, values, strict=True)}
    if not isinstance(body, dict):
        raise Refusal(422, f"the request must be an object of JSON, got {described(body)}")
    if unknown := [key for key in body if key not in ("data", "session_hash")]:
        raise Refusal(422, f'there is no parameter "{unknown[0][:60]}": give the list data')
    return {"data": positional(wanted, body.get("data", []))}


def rpc(body: Any) -> dict[str, Any]:
    """The body of a request or a notification of MCP: of JSON-RPC, one at a time, and no answer. Raises Refusal."""
    if not isinstance(body, dict) or body.get("jsonrpc") != "2.0" or not _is_short(body.get("method")):
        raise Refusal(400, 'MCP takes one object of JSON-RPC 2.0: {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}')
    number, given = body.get("id", 0), body.get("params", {})
    if not (_is_short(number) or (isinstance(number, int) and abs(number) < 2**53)) or isinstance(number, bool):
        raise Refusal(400, f"id must be a whole number or a short text, got {described(number)}")
    if not isinstance(given, dict):
        raise Refusal(400, f"params must be an object of JSON, got {described(given)}")
    return {name: body[name] for name in ("jsonrpc", "id", "method", "params") if name in body}


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 100


def cancel(body: Any) -> dict[str, Any]:
    """The body of a cancellation. Raises Refusal."""
    number = body.get("fn_index") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(number, int) or isinstance(number, bool):
        raise Refusal(422, "a cancellation needs fn_index, session_hash and event_id")
    return {
        "fn_index": number,
        "session_hash": session(body.get("session_hash")),
        "event_id": session(body.get("event_id")),
    }


def encoded(value: Any) -> bytes:
    """A body as it is handed on."""
    return json.dumps(value, allow_nan=False).encode("ascii")


def check_query(kept: Mapping[str, str]) -> None:
    """Raises Refusal for a query with half of a character in it."""
    for name, value in kept.items():
        check_text(value, name)
