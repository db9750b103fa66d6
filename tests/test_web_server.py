"""The server from outside: the gate, the endpoints for programs, MCP, and many sessions at once."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from index import PassageIndex, read_articles
from web.users import add_user

PROJECT = Path(__file__).resolve().parents[1]
SMALLPOX = "When was smallpox declared eradicated?"
SESSIONS = 24


def serve(store: Path, *options: str) -> tuple[subprocess.Popen[str], str]:
    """A server on a free port and its address."""
    command = [sys.executable, str(PROJECT / "app.py"), "--store", str(store), "--port", "0", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+:(\d+)", line):
            return process, f"http://127.0.0.1:{found[1]}"
    end(process)
    raise AssertionError("the server did not start")


def end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.wait(30)
    if process.stdout is not None:
        process.stdout.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("web") / "store"
    PassageIndex.build(read_articles([PROJECT / "seeds"]), made)
    return made


@pytest.fixture(scope="module")
def address(store: Path) -> Iterator[str]:
    process, url = serve(store, "--mcp")
    yield url
    end(process)


@pytest.fixture(scope="module")
def private(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    users = tmp_path_factory.mktemp("users") / "users"
    add_user(users, "ada", "correct horse")
    add_user(users, "bob", "battery staple", "reader")
    process, url = serve(store, "--auth", str(users), "--private")
    yield url
    end(process)


def client(url: str, **options: Any) -> Any:
    from gradio_client import Client

    return Client(url, verbose=False, **options)


def test_a_program_asks_and_its_offsets_hold(address: str, store: Path) -> None:
    answer = client(address).predict(SMALLPOX, api_name="/ask")
    assert answer["answered"]
    citation = answer["citations"][0]
    text = PassageIndex.open(store).article(citation["article"]["id"]).text
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert text[citation["answer_start"] : citation["answer_end"]] == answer["answer"]


def test_only_the_four_endpoints_are_public(address: str) -> None:
    named = httpx.get(f"{address}/gradio_api/info").json()
    assert set(named["named_endpoints"]) == {"/ask", "/retrieve", "/articles", "/build"}
    assert named["unnamed_endpoints"] == {}
    for endpoint in named["named_endpoints"].values():
        assert endpoint["description"]


def test_curl_can_retrieve(address: str) -> None:
    event = httpx.post(f"{address}/gradio_api/call/v2/retrieve", json={"query": "marathon", "k": 3}).json()["event_id"]
    answer = httpx.get(f"{address}/gradio_api/call/v2/retrieve/{event}", timeout=60).text
    assert "event: complete" in answer
    assert "seeds/marathon.md" in answer


def test_a_mistake_of_a_program_is_our_line(address: str) -> None:
    with pytest.raises(Exception, match="write what you want to know"):
        client(address).predict("?!", api_name="/ask")


def test_an_mcp_client_asks(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def asked() -> tuple[set[str], str]:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            name = next(tool for tool in tools if tool.endswith("ask"))
            result = await session.call_tool(name, {"question": SMALLPOX})
            return tools, "".join(getattr(part, "text", "") for part in result.content)

    with ThreadPoolExecutor(1) as pool:  # in a thread: Playwright, once used, keeps a loop running in this one
        tools, said = pool.submit(lambda: asyncio.run(asked())).result()
    assert len(tools) == 4
    assert "end-of-smallpox.md" in said


def test_many_sessions_get_their_own_answers(address: str) -> None:
    questions = [(SMALLPOX, "end-of-smallpox"), ("How long is a marathon?", "marathon")]

    def asks(number: int) -> bool:
        question, source = questions[number % 2]
        answer = client(address).predict(question, api_name="/ask")
        cited = answer["citations"] or answer["related"]
        return answer["question"] == question and any(source in one["article"]["source"] for one in cited)

    with ThreadPoolExecutor(SESSIONS) as pool:
        assert all(pool.map(asks, range(SESSIONS)))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::2]"])
def test_a_request_for_another_host_is_turned_away(address: str, host: str) -> None:
    assert httpx.get(address, headers={"host": host}).status_code == 403


def test_private_lets_nobody_in_without_signing_in(private: str) -> None:
    assert httpx.get(private, headers={"accept": "text/html"}).headers["location"] == "/login"
    for path in ("/config", "/gradio_api/info", "/originals/0123456789abcdef", "/articles"):
        assert httpx.get(private + path).status_code == 401
    assert httpx.post(f"{private}/gradio_api/call/ask", json={"data": [SMALLPOX]}).status_code == 401


def test_signing_in_by_the_form_lets_one_in(private: str) -> None:
    with httpx.Client(base_url=private) as browser:
        assert browser.post("/login", data={"name": "bob", "password": "wrong"}).status_code == 401
        assert browser.post("/login", data={"name": "bob", "password": "battery staple"}).status_code == 303
        assert "httponly" in str(browser.cookies.jar).lower() or browser.cookies
        assert browser.get("/").status_code == 200
        assert browser.post("/gradio_api/upload", files={"files": ("a.md", b"text")}).status_code == 403
        browser.post("/logout")
        assert browser.get("/config").status_code == 401


def test_signing_in_from_a_page_comes_back_to_it(private: str) -> None:
    with httpx.Client(base_url=private) as browser:
        wanted = browser.get("/articles", headers={"accept": "text/html"}).headers["location"]
        assert wanted == "/login?next=articles"
        assert 'value="articles"' in browser.get(wanted).text
        form = {"name": "bob", "password": "battery staple", "next": "articles"}
        assert browser.post("/login", data=form).headers["location"] == "/articles"
        assert browser.post("/logout", data={"next": "articles"}).headers["location"] == "/articles"
        assert browser.post("/login", data={**form, "next": "//evil.example"}).headers["location"] == "/"
        assert "evil" not in browser.get("/login?next=evil").text


def test_only_operators_build(private: str) -> None:
    reader = client(private, httpx_kwargs={"auth": ("bob", "battery staple")})
    with pytest.raises(Exception, match="only operators"):
        reader.predict(api_name="/build")
    built = client(private, httpx_kwargs={"auth": ("ada", "correct horse")}).predict(api_name="/build")
    assert (built["unchanged"], built["new"]) == (18, 0)


def test_the_server_leaves_the_users_word_on_downloads_alone() -> None:
    code = "import web.server, os; print(os.environ['HF_HUB_OFFLINE'])"
    given = {**os.environ, "HF_HUB_OFFLINE": "0"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=given, cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "0\n"
