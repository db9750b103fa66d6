"""The doors one by one: routes, hosts and origins, peers, payloads, calls."""

import json
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from index import InputError
from web.api import endpoint_parameters
from web.doors import events
from web.doors.calls import named, positional
from web.doors.origins import Origins, is_loopback
from web.doors.payloads import MAX_DEPTH, MAX_VALUES, parsed, safe
from web.doors.peers import Peer, Peers, without_claims
from web.doors.refusal import Refusal
from web.doors.routes import find, kept_query
from web.pace import Pace
from web.server import make_blocks
from web.site import Site

HOME = Origins("127.0.0.1", True)
OPEN = Origins("0.0.0.0", False)
ENDPOINTS = endpoint_parameters()


def peer(host: str, *, proxied: bool = False, claims: bool = False) -> Peer:
    return Peer("192.0.2.1", host, "http", proxied, claims)


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/", "page"), ("GET", "/articles", "page"), ("GET", "/assets/index-1a.js", "asset"),
        ("POST", "/gradio_api/queue/join", "join"), ("POST", "/gradio_api/run/predict", "event"),
        ("POST", "/gradio_api/call/v2/ask", "call"), ("GET", "/gradio_api/call/ask/0f", "result"),
        ("GET", "/originals/0123456789abcdef", "original"), ("POST", "/gradio_api/mcp/", "mcp"),
    ],
)  # fmt: skip
def test_routes_that_are_used_are_found(method: str, path: str, kind: str) -> None:
    assert find(method, path, mcp=True).route.kind == kind


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gradio_api/file=/etc/passwd"), ("GET", "/gradio_api/file=http://a.invalid/"), ("GET", "/docs"),
        ("GET", "/gradio_api/proxy=http://a.invalid/"), ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/process_recording"), ("GET", "/gradio_api/deep_link"), ("GET", "/monitoring"),
        ("POST", "/gradio_api/run/ask"), ("POST", "/gradio_api/api/ask"), ("GET", "/assets/../app.py"),
        ("GET", "/assets/..%2fapp.py"), ("OPTIONS", "/gradio_api/queue/join"), ("DELETE", "/"), ("GET", "/gradio_api/"),
        ("GET", "/gradio_api/startup-events"), ("GET", "/gradio_api/stream/a/b/1/playlist.m3u8"), ("GET", "//"),
        ("GET", "/static/a\nb"), ("POST", "/gradio_api/call/v2/ask/0f"), ("GET", "/originals/../../etc"),
    ],
)  # fmt: skip
def test_every_other_route_is_404(method: str, path: str) -> None:
    with pytest.raises(Refusal) as refusal:
        find(method, path, mcp=False)
    assert refusal.value.status == 404


def test_only_what_a_route_takes_of_its_query_is_passed_on() -> None:
    route = find("GET", "/gradio_api/queue/data", mcp=False).route
    assert kept_query(route, b"session_hash=a&deep_link=x&__theme=dark") == {"session_hash": "a"}
    assert kept_query(find("GET", "/", mcp=False).route, b"deep_link=x") == {}
    with pytest.raises(Refusal, match="cannot be read"):
        kept_query(route, b"&".join(b"a=1" for _ in range(100)))


@pytest.mark.parametrize(
    "name",
    ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.8.9.10", "[::1]", "::1", "[0:0:0:0:0:0:0:1]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "ip6-localhost"],
)  # fmt: skip
def test_loopback_in_every_spelling(name: str) -> None:
    assert is_loopback(name)
    HOME.check(peer(name if ":" not in name or name.startswith("[") else f"[{name}]"), Headers())


@pytest.mark.parametrize(
    "host",
    ["a.invalid", "127.0.0.1.a.invalid", "localhost.a.invalid", "[::2]", "0.0.0.0", "192.0.2.1", "", "127.1",
     "2130706433", "0x7f.1", "localhost@a.invalid", "localhost/a", "localhost:1:2", "[::1", "127.0.0.1 a.invalid"],
)  # fmt: skip
def test_any_other_host_is_a_stranger(host: str) -> None:
    with pytest.raises(Refusal) as refusal:
        HOME.check(peer(host), Headers())
    assert refusal.value.status == 403


def test_an_open_server_knows_addresses_and_its_own_name_only() -> None:
    for host in ("192.0.2.7:7860", "[2001:db8::1]", "localhost:7860"):
        OPEN.check(peer(host), Headers())
    Origins("qa.invalid", False).check(peer("QA.invalid:7860"), Headers())
    with pytest.raises(Refusal, match="no such name"):
        OPEN.check(peer("a.invalid"), Headers())
    OPEN.check(peer("a.invalid", proxied=True), Headers())  # what its proxy serves is the proxy's matter


@pytest.mark.parametrize(
    ("host", "origin", "right"),
    [
        ("localhost:7860", "http://localhost:7860", True), ("localhost:7860", "http://localhost:7861", False),
        ("[::1]:7860", "http://[::1]:7860", True), ("[::1]:7860", "http://localhost:7860", False),
        ("[::ffff:127.0.0.1]:7860", "http://127.0.0.1:7860", False), ("localhost:7860", "null", False),
        ("localhost:7860", "http://a.invalid", False), ("localhost:7860", "file://", False),
        ("localhost", "http://localhost", True), ("localhost", "https://localhost", True),
        ("localhost:7860", "", False),
        ("localhost:7860", "http://localhost:7860.a.invalid", False), ("localhost:7860", "http://[", False),
        ("localhost:7860", "chrome-extension://abc", False), ("localhost:7860", "http://a@localhost:7860", True),
    ],
)  # fmt: skip
def test_only_our_own_pages_may_ask(host: str, origin: str, right: bool) -> None:
    headers = Headers({"origin": origin})
    if right:
        HOME.check(peer(host), headers)
        return
    with pytest.raises(Refusal, match="another origin"):
        HOME.check(peer(host), headers)


def test_one_origin_of_ours_opens_to_no_other() -> None:
    both = [(b"origin", b"http://localhost:7860"), (b"origin", b"http://a.invalid")]
    for raw in (both, both[::-1]):
        with pytest.raises(Refusal, match="another origin"):
            HOME.check(peer("localhost:7860"), Headers(raw=raw))


def test_another_sites_page_may_link_here_and_no_more() -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    HOME.check(peer("localhost"), Headers(link))
    for change in ({"sec-fetch-dest": "iframe"}, {"sec-fetch-mode": "no-cors"}, {"sec-fetch-dest": "script"}):
        with pytest.raises(Refusal, match="another site"):
            HOME.check(peer("localhost"), Headers({**link, **change}))
    with pytest.raises(Refusal, match="another site"):  # another port of localhost
        HOME.check(peer("localhost"), Headers({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}))


def scope(client: str, **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (client, 1), "headers": raw, "scheme": "http"}


def test_only_a_trusted_proxy_says_who_asks() -> None:
    said = {"host": "localhost", "x_forwarded_for": "198.51.100.7, 192.0.2.9", "x_forwarded_host": "qa.invalid"}
    trusted = Peers(["192.0.2.9", "::1"])
    believed = trusted.of(scope("192.0.2.9", **said, x_forwarded_proto="https"))
    assert (believed.address, believed.host, believed.scheme, believed.proxied) == (
        "198.51.100.7", "qa.invalid", "https", True,
    )  # fmt: skip
    for unknown in ("127.0.0.1", "192.0.2.8", "::ffff:127.0.0.1"):
        found = trusted.of(scope(unknown, **said))
        assert found.address in ("127.0.0.1", "192.0.2.8")
        assert (found.host, found.proxied, found.claims) == ("localhost", False, True)
        assert [name for name, _ in without_claims(scope(unknown, **said), found)] == [b"host"]
    # What the client itself put in front of what the proxy adds is not believed.
    assert trusted.of(scope("192.0.2.9", x_forwarded_for="127.0.0.1, 198.51.100.7")).address == "198.51.100.7"
    with pytest.raises(InputError, match="no address"):
        Peers(["proxy.invalid"])


def test_one_household_counts_as_one() -> None:
    peers = Peers([])
    assert peers.of(scope("2001:db8::1")).address == peers.of(scope("2001:db8::2")).address
    assert peers.of(scope("2001:db8:0:1::1")).address != peers.of(scope("2001:db8::1")).address


def test_without_users_a_proxy_that_others_reach_is_turned_away() -> None:
    with pytest.raises(Refusal, match="no proxy"):
        HOME.check(peer("localhost", claims=True), Headers())


def named_file(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def test_a_file_of_ones_own_becomes_its_token() -> None:
    mine = named_file("token", url="http://localhost:7860/gradio_api/file=token", orig_name="a.md", size=1)
    assert safe({"data": [[mine], "a"]}, "token".__eq__) == {"data": [["token"], "a"]}


@pytest.mark.parametrize(
    "value",
    [
        named_file("/etc/passwd"), named_file("token", url="http://a.invalid/"), {"path": "/etc/passwd"},
        {"url": "http://a.invalid/"}, {"path": ["/etc/passwd"], "meta": {"_type": "gradio.FileData"}},
        {"meta": {"_type": "gradio.FileData"}}, named_file("http://a.invalid/"), named_file("token", url=["a"]),
        {"path": "token", "meta": {"_type": "gradio.OtherData"}}, {"path": None}, {"deep": [{"er": named_file("/a")}]},
    ],
)  # fmt: skip
def test_any_other_file_is_refused_wherever_it_stands(value: Any) -> None:
    with pytest.raises(Refusal, match="not uploaded from here") as refusal:
        safe({"fn_index": 0, "data": ["a", value], "event_data": None}, "token".__eq__)
    assert refusal.value.status == 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_values_without_files_pass_unchanged(value: Any) -> None:
    def holds_file(one: Any) -> bool:
        if isinstance(one, dict):
            return bool({"path", "url"} & one.keys()) or any(map(holds_file, [*one.values(), one.get("meta")]))
        return isinstance(one, list) and any(map(holds_file, one))

    if not holds_file(value):
        assert safe(json.loads(json.dumps(value)), lambda token: False) == value


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xff", "not UTF-8"), (b"{", "not JSON"), (b"", "not JSON"), (b"[NaN]", "NaN is no number"),
        (b"[" * 100_000, "nested too deep"), (b"1" * 10_000, "not JSON"), (b"[" + b"[]," * 4 * MAX_VALUES, "too many"),
    ],
)  # fmt: skip
def test_bodies_that_are_no_json_are_refused_in_a_line(body: bytes, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refusal:
        parsed(body)
    assert "\n" not in refusal.value.line


def test_values_that_nothing_can_hold_are_named() -> None:
    with pytest.raises(Refusal, match=r"lone surrogate U\+D83D, at 1"):
        safe(parsed(rb'{"a": "x\ud83d"}'), lambda token: False)
    with pytest.raises(Refusal, match="lone surrogate"):
        safe(parsed(rb'{"\udc00": 1}'), lambda token: False)
    with pytest.raises(Refusal, match="too large"):
        safe(parsed(b"[1e999]"), lambda token: False)
    with pytest.raises(Refusal, match="nested too deep"):
        safe(parsed(b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2)), lambda token: False)
    assert safe(parsed(rb'["\ud83d\ude00"]'), lambda token: False) == ["\U0001f600"]


@pytest.mark.parametrize(
    ("given_by_name", "said"),
    [
        ({}, "the parameter query is missing"), ({"q": "a"}, 'no parameter "q"; there are: query, k'),
        ({"query": 1}, "query must be text, got a number"), ({"query": None}, "query must be text, got null"),
        ({"query": "a", "k": "3"}, "k must be a whole number, got text"), ({"query": ["a"]}, "got a list"),
        ({"query": "a", "k": 1.5}, "k must be a whole number"), ({"query": "a", "k": True}, "got true or false"),
        ({"a\nb\u202e": 1}, r'no parameter "a\\nb\\u202e"'),
        ({"query": "a", "k": 10**30}, "k is out of range"), (["a"], "must be an object"), ("a", "must be an object"),
    ],
)  # fmt: skip
def test_calls_that_do_not_fit_are_refused_by_the_parameters_name(given_by_name: Any, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refusal:
        named(ENDPOINTS["retrieve"], given_by_name)
    assert refusal.value.status == 422


def test_defaults_are_filled_in() -> None:
    assert named(ENDPOINTS["retrieve"], {"query": "a", "title": "b"}) == ["a", 10, "b", "", "", ""]
    assert positional(ENDPOINTS["ask"], ["a"]) == ["a", "", "", "", ""]
    assert named(ENDPOINTS["articles"], {}) == []
    with pytest.raises(Refusal, match="too many"):
        positional(ENDPOINTS["articles"], [1])


def function(*inputs: Any, queue: bool = False, **more: Any) -> SimpleNamespace:
    """What the doors look at of one of Gradio's functions."""
    plain = {"fn": print, "api_name": "f", "api_visibility": "private", "collects_event_data": False, "targets": []}
    return SimpleNamespace(inputs=inputs, queue=queue, **{**plain, **more})


@pytest.fixture(scope="module")
def blocks() -> Any:
    five = (gr.Textbox(label="T"), gr.Checkbox(), gr.State(1), gr.Slider(1, 5, 2), gr.File(file_count="multiple"))
    functions = (function(*five), function(), function(fn=None), function(collects_event_data=True))
    return SimpleNamespace(fns=dict(enumerate((*functions, function(gr.JSON()), function(queue=True)))))


def sent(data: Any, **more: Any) -> dict[str, Any]:
    return {"fn_index": 0, "session_hash": "abc", "data": data, "trigger_id": None, "event_data": None, **more}


def test_an_event_is_made_anew_out_of_what_fits(blocks: Any) -> None:
    body = sent(["a", True, "forged", 3, None], event_id="x", batched=True, event_data="typed", oauth_token="y")
    assert events.event(body, blocks, ENDPOINTS, queued=False) == sent(["a", True, None, 3, None])
    # Gradio changes the component that a request names as its trigger.
    assert events.event({**body, "trigger_id": 1}, blocks, ENDPOINTS, queued=False)["trigger_id"] is None


def test_a_box_takes_no_more_than_the_page_lets_anybody_type() -> None:
    boxes = SimpleNamespace(fns={0: function(gr.Textbox(label="Find", max_length=5)), 1: function(gr.Textbox())})
    assert events.event(sent(["five5"]), boxes, ENDPOINTS, queued=False)["data"] == ["five5"]
    with pytest.raises(Refusal, match="Find has 6 characters: give at most 5"):
        events.event(sent(["six666"]), boxes, ENDPOINTS, queued=False)
    assert events.event(sent(["a" * 9999], fn_index=1), boxes, ENDPOINTS, queued=False)["data"] == ["a" * 9999]


def about(kind: str, value: Any) -> Any:
    """What the doors let through of what a page says of an event of that kind."""
    told = SimpleNamespace(fns={0: function(collects_event_data=True, targets=[(3, kind)])})
    return events.event(sent([], event_data=value), told, ENDPOINTS, queued=False)["event_data"]


def test_what_a_page_says_of_an_event_is_what_that_event_takes() -> None:
    assert about("cite", {"exchange": "a", "number": "1", "do": "cite", "deep": [[]]}) == {
        "exchange": "a",
        "number": "1",
    }
    row = ["Title", "source.md", "2024", 3]
    assert about("select", {"row_value": row, "index": [[]], "value": {}}) == {
        "index": None, "value": None, "row_value": row,
    }  # fmt: skip
    for kind, value in (
        ("cite", {"exchange": "a"}), ("example", {}), ("example", {"question": ["a"]}), ("judge", {"exchange": None}),
        ("remark", {"exchange": "a", "words": "w" * 2001}), ("again", {"exchange": {"a": 1}}), ("again", "a"),
        ("select", {"index": [0, 0], "value": "a"}), ("select", {"row_value": ["a", {}]}),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refusal:
            about(kind, value)
        assert refusal.value.status == 422


def test_every_box_that_people_type_in_has_a_length() -> None:
    site = cast(Site, SimpleNamespace())
    boxes = [one for one in make_blocks(site).blocks.values() if one.visible is True]
    typed = [one for one in boxes if isinstance(one, gr.Textbox) or getattr(one, "allow_custom_value", False)]
    assert len(typed) > 10
    assert [one.label for one in typed if not one.max_length] == []


@pytest.mark.parametrize(
    "body",
    [
        sent([]), sent("a"), sent(None), sent([1, True, None, 3, None]), sent(["a", "b", None, 3, None]),
        sent(["a", True, None, 6, None]), sent(["a", True, None, "3", None]), sent(["a", True, None, 3, "token"]),
        sent(["a", True, None, True, None]), sent(["a", {}, None, 3, None]), sent(["a", True, None, 3, None, 1]),
        sent(["a"], fn_index=99), sent([], fn_index=2), sent(["a"], fn_index=True), sent(["a"], fn_index="0"),
        sent(["a"], fn_index=None), sent(["a", True, None, 3, None], session_hash=None), "a", None, [],
        sent(["a", True, None, 3, None], session_hash="a/b"), sent(["a", True, None, 3, None], trigger_id="1"),
        sent(["a", True, None, 3, None], session_hash=["a"]), sent([], fn_index=3), sent(["a"], fn_index=4),
    ],
)  # fmt: skip
def test_events_that_do_not_fit_are_refused(blocks: Any, body: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        events.event(body, blocks, ENDPOINTS, queued=False)
    assert refusal.value.status == 422
    assert "\n" not in refusal.value.line


def test_mcp_takes_one_request_of_json_rpc() -> None:
    right = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask"}}
    assert events.rpc({**right, "result": {}}) == right
    told = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert events.rpc(told) == told
    for wrong, said in (
        ([right], "one object"), (None, "one object"), ({}, "one object"), ({**right, "jsonrpc": 2}, "one object"),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, "one object"), ({**right, "method": "m" * 101}, "one object"),
        ({**right, "id": [1]}, "id must be"), ({**right, "id": None}, "id must be"),
        ({**right, "id": 1.5}, "id must be"),
        ({**right, "id": True}, "id must be"), ({**right, "id": 10**20}, "id must be"),
        ({**right, "params": ["ask"]}, "params must be"), ({**right, "params": None}, "params must be"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=said) as refusal:
            events.rpc(wrong)
        assert refusal.value.status == 400


def test_an_event_that_waits_in_the_queue_cannot_be_run_at_once(blocks: Any) -> None:
    with pytest.raises(Refusal, match="no such event"):
        events.event(sent([], fn_index=5), blocks, ENDPOINTS, queued=False)
    assert events.event(sent([], fn_index=5), blocks, ENDPOINTS, queued=True)["fn_index"] == 5


def test_one_address_may_do_so_much_and_no_more() -> None:
    pace = Pace(2, 1000.0)
    pace.step("a")
    pace.step("a")
    pace.step("b")
    with pytest.raises(InputError, match="2 times in 1000 s"):
        pace.step("a")
