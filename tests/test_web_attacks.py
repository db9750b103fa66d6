"""Short forms of the attacks in benchmarks/web_attacks, against real servers: the list of harms stays empty."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.web_attacks import crowd, files, floods, raw, tries
from benchmarks.web_attacks.target import PATIENCE, SECRET, Listener, Target
from index import PassageIndex, read_articles
from web.users import add_user

PROJECT = Path(__file__).resolve().parents[1]
LIGHTHOUSE = b"The lighthouse of Quendale was lit for the first time on 3 March 1871. Its keeper was Ada Brimble.\n"


# Those that a library takes its whole time over are left to the benchmark.
HOSTILE = [
    "hashes.md", "yaml aliases.md", "control characters.txt", "deep.jsonl", "a long number.jsonl", "deep divs.html",
    "entities.docx", "entities.epub", "a page tree of itself.pdf", "names that lead out.zip", "a bomb.zip",
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("attacked") / "store"
    PassageIndex.build(read_articles([PROJECT / "seeds"]), made)
    return made


@pytest.fixture(scope="module")
def target(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target(tmp_path_factory.mktemp("target"), "--mcp", store=store, files=400) as started:
        yield started


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def harms(found: list[str]) -> list[str]:
    """Without those that are a matter of how busy this machine is."""
    return [harm for harm in found if ": frozen for" not in harm]


def test_no_route_reads_a_file_or_calls_out(target: Target, listener: Listener) -> None:
    routes, found = tries.gradio_routes(), list[str]()
    assert ("GET", "/gradio_api/file={path_or_url:path}") in routes
    with target.attacked(found, "routes"):
        aims = [str(target.secret), f"http://127.0.0.1:{listener.port}/", "http://a.invalid/"]
        made, seen = tries.try_routes(target, listener, routes, aims)
    assert made > 400
    assert harms(found + seen) == []


def test_no_event_takes_a_file_that_was_not_uploaded(target: Target, listener: Listener) -> None:
    found: list[str] = []
    with target.attacked(found, "events"):
        made, seen = tries.try_events(target, listener, aims=[str(target.secret), f"http://127.0.0.1:{listener.port}/"])
    assert made > 500
    assert harms(found + seen) == []


def test_no_other_origin_or_host_gets_in(target: Target) -> None:
    found: list[str] = []
    with target.attacked(found, "origins"):
        made, seen = tries.try_origins(target)
    assert made > 200
    assert harms(found + seen) == []


def test_wrong_types_get_a_line_and_the_log_no_traceback(target: Target) -> None:
    found: list[str] = []
    with target.attacked(found, "types"):
        made, seen = tries.try_types(target, wrong=tries.WRONG[::3])
    assert made > 250
    assert harms(found + seen) == []


def test_bodies_past_their_limits_are_cut(target: Target) -> None:
    found: list[str] = []
    with target.attacked(found, "sizes", growth=100_000_000):
        made, seen = tries.try_sizes(target, 8_000_000)
    assert made == 18
    assert harms(found + seen) == []


def test_requests_that_no_library_sends_get_what_they_should(target: Target) -> None:
    found: list[str] = []
    with target.attacked(found, "raw"):
        made, seen = raw.try_raw(target)
    assert made > 30
    assert harms(found + seen) == []


@pytest.mark.parametrize(
    ("flood", "number"),
    [
        (floods.pages, 20), (floods.tiny_pieces, 3), (floods.long_conversations, 4), (floods.called_off, 6),
        (floods.endless_bodies, 160),
    ],
)  # fmt: skip
def test_much_at_once_is_answered_or_refused(
    target: Target, flood: Callable[[Target, int], tuple[dict[str, float], list[str]]], number: int
) -> None:
    found: list[str] = []
    with target.attacked(found, flood.__name__):
        figures, seen = flood(target, number)
    assert figures
    assert harms(found + seen) == []


def test_half_open_connections_shut_nobody_out(target: Target) -> None:
    found: list[str] = []
    with target.attacked(found, "half-open"):
        done = crowd.half_open(target, 450, 0.0)
    assert done["connections"] > 300
    assert done["answered"] == done["asked meanwhile"] == 1
    assert harms(found) == []
    assert target.descriptors() < 400


def test_no_answer_is_kept_for_ever(target: Target) -> None:
    found: list[str] = []
    with target.attacked(found, "questions"):
        done = crowd.many_questions(target, 12)
    assert done["questions"] == 12
    assert harms(found) == []


def test_people_who_ask_at_once_are_answered(target: Target) -> None:
    found: list[str] = []
    with target.attacked(found, "askers"):
        done = crowd.askers(target, 4, 5.0)
    assert (done["answers"] > 0, done["wrong"]) == (True, 0)
    assert harms(found) == []


def test_people_who_ask_while_the_store_is_built_again_are_answered_from_the_newest(
    store: Path, tmp_path: Path
) -> None:
    found: list[str] = []
    shutil.copytree(store, tmp_path / "store")
    with Target(tmp_path) as target, target.attacked(found, "soak"):
        done = crowd.soak(target, 0.0, random.Random(0))
    assert (done["builds"], done["new generations"], done["questions"], done["wrong"]) == (1, 1, 5, 0)
    assert harms(found) == []


@pytest.mark.parametrize("k", [0, -1, -(10**9)])
def test_no_k_below_one_is_taken_by_any_door(target: Target, k: int) -> None:
    said = "k must be at least 1"
    url = f"{target.url}/gradio_api/call/v2/retrieve"
    event = httpx.post(url, json={"query": "marathon", "k": k}).json()["event_id"]
    assert said in httpx.get(f"{url}/{event}", timeout=PATIENCE).text
    result = mcp(target, "tools/call", {"name": "retrieve", "arguments": {"query": "marathon", "k": k}})["result"]
    assert result["isError"]
    assert said in json.loads(result["content"][0]["text"])["error"]


def mcp(target: Target, method: str, given: object) -> Any:
    headers = {"accept": "application/json, text/event-stream"}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": given}
    answer = httpx.post(f"{target.url}/gradio_api/mcp/", json=body, headers=headers, timeout=PATIENCE)
    assert answer.headers["content-type"].startswith("application/json")
    return answer.json()


def test_mcp_answers_in_json(target: Target) -> None:
    result = mcp(target, "tools/call", {"name": "articles", "arguments": {}})["result"]
    assert len(json.loads(result["content"][0]["text"])["articles"]) == 18
    for arguments, said in (
        ({}, "question is missing"),
        ({"question": 1}, "must be text"),
        ({"q": "a"}, "no parameter"),
    ):
        result = mcp(target, "tools/call", {"name": "ask", "arguments": arguments})["result"]
        assert said in json.loads(result["content"][0]["text"])["error"]
    refused = httpx.post(
        f"{target.url}/gradio_api/mcp/", content=b'{"a": "\\ud800"}', headers={"content-type": "application/json"}
    )
    assert (refused.status_code, "lone surrogate" in refused.json()["error"]["message"]) == (400, True)
    assert httpx.get(f"{target.url}/gradio_api/mcp/").status_code == 405


def test_every_answer_forbids_what_a_page_does_not_need(target: Target) -> None:
    for path in ("/", "/config", "/login", "/nothing", "/assets/nothing.js"):
        headers = httpx.get(target.url + path).headers
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_server_on_ipv6_loopback_is_as_closed(store: Path, tmp_path: Path) -> None:
    with Target(tmp_path, "--host", "::1", store=store, host="[::1]") as target:
        made, seen = tries.try_origins(target)
        assert made > 200
        assert seen == []


def test_those_who_may_only_ask_read_nothing_and_upload_nothing(
    store: Path, tmp_path: Path, listener: Listener
) -> None:
    users = tmp_path / "users"
    add_user(users, "ada", "correct horse")
    add_user(users, "bob", "battery staple", "reader")
    auth = ("bob", "battery staple")
    with Target(tmp_path, "--auth", str(users), "--private", store=store, auth=auth) as target:
        with httpx.Client(auth=auth) as client:
            assert crowd.upload(client, target, {"a.md": LIGHTHOUSE}).status_code == 403
            config = client.get(f"{target.url}/config").json()
        assert httpx.get(f"{target.url}/config").status_code == 401
        for path in (str(target.secret), str(users)):
            body = {
                "data": [tries.file_payload(path)],
                "session_hash": "a",
                "fn_index": config["dependencies"][0]["id"],
            }
            answer = httpx.post(f"{target.url}/gradio_api/queue/join", json=body, auth=auth)
            assert answer.status_code in (400, 422)
            assert httpx.get(f"{target.url}/gradio_api/file={path}", auth=auth).status_code == 404
        assert SECRET not in target.log_text()


def test_an_upload_is_known_to_the_browser_that_sent_it_alone(target: Target) -> None:
    with httpx.Client(timeout=PATIENCE) as mine, httpx.Client(timeout=PATIENCE) as another:
        (token,) = crowd.upload(mine, target, {"a.md": LIGHTHOUSE}).json()
        assert "/" not in token
        assert crowd.add(another, target, [token]).status_code == 400
        assert crowd.add(mine, target, ["/etc/passwd"]).status_code == 400
        crowd.upload(another, target, {"b.md": LIGHTHOUSE})
        assert crowd.add(another, target, [token]).status_code == 400
        assert crowd.add(mine, target, [token]).status_code == 200
        assert "1 new" in crowd.wait_for_job(mine, target)


def test_uploads_that_are_none_are_refused_and_leave_nothing(target: Target) -> None:
    before = crowd.left(target.store / "incoming")
    url, form = f"{target.url}/gradio_api/upload", {"content-type": "multipart/form-data; boundary=b"}
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\nhalf'
    for content, headers in (
        (part, form),
        (b"--b--\r\n", form),
        (b"x" * 1000, form),
        (b"x", {}),
        (part, {"content-type": "a"}),
    ):
        assert httpx.post(url, content=content, headers=headers).status_code == 400
    many = [("files", (f"{number}.md", b"text")) for number in range(201)]
    assert httpx.post(url, files=many, timeout=PATIENCE).status_code == 413
    assert httpx.post(url, files={"files": ("a.md", b"x" * 50_000_001)}, timeout=PATIENCE).status_code == 413
    assert crowd.left(target.store / "incoming") == before


def test_a_killed_server_takes_up_what_was_uploaded(store: Path, tmp_path: Path) -> None:
    target = Target(tmp_path, store=tmp_path / "store")
    PassageIndex.build(read_articles([PROJECT / "seeds" / "marathon.md"]), target.store)
    with target, httpx.Client(timeout=PATIENCE) as client:
        crowd.upload(client, target, {"quendale.md": LIGHTHOUSE})
        target.kill()
        (target.store / "incoming" / "unfinished").mkdir()
        (target.store / "incoming" / "unfinished" / ".part").write_bytes(b"half of")
        target.start()
        assert (
            "1 unfinished upload was removed; uploads that were left from before are being added"
            in target.log_text().lower()
        )
        assert "1 new" in crowd.wait_for_job(client, target)
        assert "Ada Brimble" in target.ask("Who was the keeper of the lighthouse of Quendale?")
        assert crowd.left(target.store / "incoming") == []
        assert not (target.store / "incoming").exists()
        assert crowd.left(target.store / "uploads") == ["quendale.md"]


def test_hostile_files_that_somebody_uploads_are_named_and_the_server_goes_on(store: Path, tmp_path: Path) -> None:
    found: list[str] = []
    shutil.copytree(store, tmp_path / "store")
    with Target(tmp_path) as target, target.attacked(found, "hostile files"):
        figures, seen = files.all_at_once(target, HOSTILE)
        assert figures["named"] > 5
    assert harms(found + seen) == []


def test_a_disk_that_cannot_be_written_says_so(target: Target) -> None:
    incoming = target.store / "incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.write_text("no folder")  # also root cannot write below a file
    try:
        answer = httpx.post(f"{target.url}/gradio_api/upload", files={"files": ("a.md", LIGHTHOUSE)})
    finally:
        incoming.unlink()
    assert answer.status_code == 507
    assert "nothing was kept" in answer.text
    assert "\n" not in answer.text


def test_the_server_is_alive_and_has_touched_nothing_else(target: Target) -> None:
    assert target.process is not None
    assert target.process.poll() is None
    assert [call for call in target.calls() if call[0] != "open" or call[1] == "read"] == []
    assert "Traceback" not in target.log_text()
    assert len(target.log_text()) < 100_000
