"""The examples for programs in docs/using.md, run as they stand there against a server."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import PassageIndex, read_articles
from tests.test_web_server import end, serve

PROJECT = Path(__file__).resolve().parents[1]
SECTION = (PROJECT / "docs" / "using.md").read_text("utf-8").partition("\n## For programs\n")[2]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = tmp_path_factory.mktemp("docs") / "store"
    PassageIndex.build(read_articles([PROJECT / "seeds"]), store)
    process, url = serve(store, "--mcp")
    yield url
    end(process)


def examples(language: str, address: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
    return [example.replace("http://localhost:7860", address) for example in found]


def run(*command: str) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_python_examples_print_what_they_say(address: str) -> None:
    found = examples("python", address)
    assert [re.findall(r"import (\w+)", example)[-1] for example in found] == ["Client", "streamable_http_client"]
    for example in found:
        printed = run(sys.executable, "-c", example).splitlines()
        expected = re.findall(r"  # prints (.*)", example)
        assert expected
        assert printed == expected


def test_the_curl_example_gives_the_answer(address: str) -> None:
    (example,) = examples("sh", address)
    (data,) = re.findall(r"^data: (.*)$", run("bash", "-c", example), re.MULTILINE)
    answer = json.loads(data)[0]
    assert answer["answer"] in answer["citations"][0]["quote"]
