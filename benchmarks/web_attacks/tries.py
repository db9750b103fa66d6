"""Requests that nobody should make: every route and event of Gradio, with files, addresses, origins and wrong types.

Each attack gives how many requests it made and the harms it saw: an answer that holds the secret, a grant to another
origin, a request that should have been refused and was not, an answer that is not one line.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from benchmarks.web_attacks.target import PATIENCE, SECRET, Listener, Target

Found = tuple[int, list[str]]
CALL = "/gradio_api/call/v2/ask"
_PARAMETER = re.compile(r"\{[^}]+\}")


_LIST_ROUTES = """
import json, gradio as gr
from gradio.routes import App
with gr.Blocks(analytics_enabled=False) as blocks: pass
found, waiting = [], list(App.create_app(blocks).routes)
while waiting:
    route = waiting.pop()
    waiting += getattr(getattr(route, "original_router", None), "routes", [])
    found += [(method, getattr(route, "path", "/")) for method in getattr(route, "methods", None) or ()]
print(json.dumps(sorted(set(found))))
"""


def gradio_routes() -> list[tuple[str, str]]:
    """Every route that Gradio has, as (method, path), with its parameters in braces."""
    listed = subprocess.run([sys.executable, "-c", _LIST_ROUTES], capture_output=True, text=True, check=True)
    return [(method, path) for method, path in json.loads(listed.stdout)]


def file_payload(path: str) -> dict[str, Any]:
    """A file as a component's value names it."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def targets(target: Target, listener: Listener) -> list[str]:
    """What a request might try to have read or called."""
    return [
        str(target.secret), "/etc/passwd", "/dev/zero", "../secret.txt", f"file://{target.secret}",
        f"http://127.0.0.1:{listener.port}/", f"http://[::1]:{listener.port}/", "http://a.invalid/",
    ]  # fmt: skip


def try_routes(
    target: Target, listener: Listener, routes: Sequence[tuple[str, str]], aims: Sequence[str] = ()
) -> Found:
    """Each route with each target, or each of `aims`, in the place of each parameter, in the query and in the body."""
    harms, made = list[str](), 0
    with httpx.Client(base_url=target.url, timeout=PATIENCE) as client:
        for method, path in routes:
            for aim in aims or targets(target, listener):
                filled = _PARAMETER.sub(aim.replace("?", ""), path)
                body = {"data": [file_payload(aim)], "session_hash": "a", "fn_index": 0, "event_id": "a"}
                for more in (
                    {},
                    {"json": body} if method == "POST" else {"params": {"path": aim, "session_hash": "a"}},
                ):
                    made += 1
                    harms += _seen(f"{method} {filled}", _request(client, method, filled, **more), target)
    return made, harms + _called(listener)


def _request(client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    # httpx tidies paths; an attacker does not.
    url = httpx.URL(str(client.base_url)).copy_with(raw_path=path.encode("utf-8", "replace").replace(b" ", b"%20"))
    return client.request(method, url, **more)


def try_events(target: Target, listener: Listener, aims: Sequence[str] = ()) -> Found:
    """Each event of each page with each target, or each of `aims`, in the place of each value."""
    config = httpx.get(f"{target.url}/config", timeout=PATIENCE).json()
    harms, made = list[str](), 0
    with httpx.Client(base_url=target.url, timeout=PATIENCE) as client:
        for dependency in config["dependencies"]:
            inputs = max(1, len(dependency["inputs"]))
            for aim in aims or targets(target, listener):
                for data in _with_file(inputs, file_payload(aim)):
                    for route in ("/gradio_api/queue/join", "/gradio_api/run/predict"):
                        body = {
                            "data": data,
                            "fn_index": dependency["id"],
                            "session_hash": "attack",
                            "trigger_id": None,
                        }
                        found = client.post(route, json=body)
                        made += 1
                        harms += _seen(f"{route} {dependency['id']}", found, target)
                        if not 400 <= found.status_code < 500:
                            harms.append(f"{route}, event {dependency['id']}: a file was taken: {found.status_code}")
    return made, harms + _called(listener)


def _with_file(inputs: int, file: dict[str, Any]) -> Iterator[list[Any]]:
    for value in (file, [file], {"value": file}, json.loads(json.dumps({"deep": [{"er": file}]}))):
        yield [value] * inputs
    yield [{**file, "url": file["path"]}] * inputs
    yield [{"url": file["path"], "meta": file["meta"]}] * inputs


def try_origins(target: Target) -> Found:
    """Other sites' pages and other names, at every route that says or does something."""
    port, harms, made = target.port, list[str](), 0
    origins = [
        "http://a.invalid", "null", "http://localhost", f"http://localhost:{port + 1}", f"https://127.0.0.1:{port + 1}",
        f"http://127.0.0.1.a.invalid:{port}", "file://", f"http://[::1]:{port + 1}",
    ]  # fmt: skip
    hosts = ["a.invalid", "127.0.0.1.a.invalid", "0.0.0.0", f"192.0.2.1:{port}", "[::2]", "localhost.a.invalid"]
    tries: list[dict[str, str]] = [{"origin": origin} for origin in origins]
    tries += [{"host": host} for host in hosts]
    tries += [{"host": f"localhost:{port}", "origin": f"http://127.0.0.1:{port}"}]
    tries += [{"x-forwarded-for": "192.0.2.1"}, {"x-forwarded-host": "a.invalid", "x-forwarded-for": "127.0.0.1"}]
    tries += [{"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, {"sec-fetch-site": "same-site"}]
    routes = [
        ("GET", "/"),
        ("GET", "/config"),
        ("GET", "/gradio_api/info"),
        ("POST", CALL),
        ("GET", "/originals/0" * 1),
    ]
    routes += [("POST", "/gradio_api/queue/join"), ("POST", "/gradio_api/run/predict"), ("POST", "/gradio_api/upload")]
    routes += [("OPTIONS", "/gradio_api/queue/join"), ("POST", "/login"), ("POST", "/logout"), ("GET", "/articles")]
    with httpx.Client(base_url=target.url, timeout=PATIENCE) as client:
        for method, path in routes:
            for headers in tries:
                asks = {"access-control-request-method": "POST"} if method == "OPTIONS" else {}
                found = client.request(method, path, headers={**headers, **asks})
                made += 1
                harms += _seen(f"{method} {path} {headers}", found, target)
                if found.status_code not in (403, 404):
                    harms.append(f"{method} {path} with {headers}: {found.status_code}")
    return made, harms


WRONG: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e30, "", "3", "x" * 70_000, [], ["a"], {}, {"a": 1}, "\ud800", 10**40, [[[]]], "\x00",
)  # fmt: skip
ENDPOINTS = {
    "ask": ("question", "title", "source", "published_from", "published_to"),
    "retrieve": ("query", "k", "title", "source", "published_from", "published_to"),
    "articles": (),
    "build": (),
    "nothing": ("question",),
}


def try_types(target: Target, wrong: Sequence[Any] = WRONG) -> Found:
    """Each parameter of each endpoint with each wrong value, by name, in order and by MCP; a mistake is one line."""
    harms, made = list[str](), 0
    with httpx.Client(base_url=target.url, timeout=PATIENCE) as client:
        for name, parameters in ENDPOINTS.items():
            right = {one: 3 if one == "k" else "marathon" if one in ("question", "query") else "" for one in parameters}
            bodies: list[Any] = [{**right, one: value} for one in parameters for value in wrong]
            bodies += [{**right, "unknown": 1}, [], None, "a", 1, {}, {"data": {}}]
            for body in bodies if name != "build" else bodies[:1]:
                calls = [(f"/gradio_api/call/v2/{name}", body)]
                if isinstance(body, dict):
                    calls.append((f"/gradio_api/call/{name}", {"data": list(body.values())}))
                for path, given in calls:
                    made += 1
                    harms += _one_line(client, path, given, target)
        made += _try_broken_bodies(client, harms, target)
    return made, harms


def _one_line(client: httpx.Client, path: str, body: Any, target: Target) -> list[str]:
    sent = json.dumps(body).encode()
    found = client.post(path, content=sent, headers={"content-type": "application/json"})
    seen = _seen(f"{path} {str(body)[:80]}", found, target)
    if found.status_code == 200:
        event = client.get(f"{path}/{found.json()['event_id']}").text
        return seen + ([f"{path} {str(body)[:80]}: {event[:200]}"] if "Traceback" in event else [])
    if not 400 <= found.status_code < 500 or "\n" in found.json()["error"]:
        seen.append(f"{path} {str(body)[:80]}: {found.status_code} {found.text[:200]}")
    return seen


def _try_broken_bodies(client: httpx.Client, harms: list[str], target: Target) -> int:
    bodies = (b"", b"{", b"[" * 50_000, b"\xff\xfe", b'{"question": NaN}', b'{"question": "\\ud800"}', b"null" * 9)
    kinds = (
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=a",
        "application/json; charset=utf-16",
        "",
    )
    paths = (CALL, "/gradio_api/call/ask", "/gradio_api/queue/join", "/gradio_api/run/predict", "/gradio_api/cancel")
    made = 0
    for path in paths:
        for kind in kinds:
            for body in bodies:
                found = client.post(path, content=body, headers={"content-type": kind} if kind else {})
                made += 1
                harms += _seen(f"{path} {kind} {body[:20]!r}", found, target)
                if not 400 <= found.status_code < 500:
                    harms.append(f"{path} {kind} {body[:20]!r}: {found.status_code}")
    return made


def try_sizes(target: Target, size: int) -> Found:
    """A body of `size` bytes at every route that takes one, and at some that do not."""
    paths = [CALL, "/gradio_api/queue/join", "/gradio_api/run/predict", "/gradio_api/component_server", "/login"]
    paths += ["/gradio_api/process_recording", "/gradio_api/cancel", "/gradio_api/stream/a", "/nothing"]
    harms = list[str]()
    for path in paths:
        for content in (b'{"data": ["' + b"a" * size + b'"]}', b'{"data": [' + b"[]," * (size // 3) + b"1]}"):
            try:
                found = httpx.post(
                    target.url + path, content=content, headers={"content-type": "application/json"}, timeout=PATIENCE
                )
            except httpx.TransportError:
                continue  # closed before it was all sent: as good
            if found.status_code not in (404, 413):
                harms.append(f"{path}: a body of {size:,} bytes got {found.status_code}")
    return 2 * len(paths), harms


def _seen(what: str, found: httpx.Response, target: Target) -> list[str]:
    harms = []
    if SECRET in found.text or "root:x:0" in found.text:
        harms.append(f"{what}: a file was read")
    if str(target.folder) in found.text and "/originals/" not in what:
        harms.append(f"{what}: a path of the server was told: {found.text[:200]}")
    if "Traceback" in found.text:
        harms.append(f"{what}: a traceback was shown")
    if granted := [name for name in found.headers if name.startswith("access-control-")]:
        harms.append(f"{what}: {granted[0]} was granted")
    if found.status_code >= 500:
        harms.append(f"{what}: {found.status_code} {found.text[:200]}")
    return harms


def _called(listener: Listener) -> list[str]:
    return ["the listener was called"] if listener.called() else []
