"""The endpoints as MCP tools: the same functions, called here and not through the network, answered in JSON."""

import asyncio
import inspect
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from index import ArticleQAError
from web.doors.calls import Parameter, named
from web.doors.refusal import Refusal
from web.doors.visitor import Visitor, visitor_of

MAX_WAITING = 100  # calls; one address may have half of them
_TYPES = {str: "string", int: "integer"}
Tool = Callable[..., Any]


class Tools:
    """The MCP server. `tools` take the visitor as their first argument, then the parameters by name."""

    def __init__(
        self, tools: Mapping[str, Tool], wanted: Mapping[str, tuple[Parameter, ...]], pool: ThreadPoolExecutor
    ):
        self._tools, self._wanted, self._pool = dict(tools), dict(wanted), pool
        self._waiting: Counter[str] = Counter()
        server: Server[Any, Any] = Server("Article QA")
        server.list_tools()(self._list)  # type: ignore[no-untyped-call]
        server.call_tool(validate_input=False)(self._call)
        self._server = server
        self._manager = StreamableHTTPSessionManager(app=server, json_response=True, stateless=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """To be entered while the server runs."""
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self._manager.handle_request(scope, receive, send)

    async def _list(self) -> list[types.Tool]:
        return [
            types.Tool(name=name, description=described(tool), inputSchema=schema(self._wanted[name], tool))
            for name, tool in self._tools.items()
        ]

    async def _call(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        visitor = visitor_of(self._server.request_context.request)
        try:
            if name not in self._tools:
                raise Refusal(404, f"there is no tool {name[:60]}; there are: {', '.join(self._tools)}")
            values = named(self._wanted[name], arguments)
            given = {one.name: value for one, value in zip(self._wanted[name], values, strict=True)}
            found = await self._run(self._tools[name], visitor, given)
        except (Refusal, ArticleQAError) as error:
            return _result({"error": str(error)}, wrong=True)
        return _result(found)

    async def _run(self, tool: Tool, visitor: Visitor, given: dict[str, Any]) -> Any:
        if self._waiting.total() >= MAX_WAITING or self._waiting[visitor.address] >= MAX_WAITING // 2:
            raise Refusal(503, "the server is busy: try again in a moment")
        self._waiting[visitor.address] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: tool(visitor, **given))
        finally:
            self._waiting[visitor.address] -= 1
            if not self._waiting[visitor.address]:
                del self._waiting[visitor.address]


def described(tool: Tool) -> str:
    """What a tool does: its documentation up to the parameters."""
    return inspect.cleandoc(tool.__doc__ or "").split("\n\nArgs:")[0].split("\n\nReturns:")[0]


def schema(wanted: tuple[Parameter, ...], tool: Tool) -> dict[str, Any]:
    """The JSON schema of a tool's parameters, with what its documentation says of each."""
    said = dict(re.findall(r"^\s+(\w+): (.+)$", inspect.cleandoc(tool.__doc__ or ""), re.MULTILINE))
    properties: dict[str, Any] = {}
    for one in wanted:
        properties[one.name] = {"type": _TYPES[one.kind], "description": said.get(one.name, "")}
        if not one.needed:
            properties[one.name]["default"] = one.default
    needed = [one.name for one in wanted if one.needed]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _result(value: Any, *, wrong: bool = False) -> types.CallToolResult:
    text = types.TextContent(type="text", text=json.dumps(value, ensure_ascii=False))
    return types.CallToolResult(content=[text], isError=wrong)
