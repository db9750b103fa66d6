"""A short run of benchmarks/file_attacks.py: some of the hostile files one by one, more of them at once."""

import pytest

from benchmarks import file_attacks
from index.articles.formats import FORMATS
from tests.support.hostile_files import MAKERS

ONE_BY_ONE = [
    "open brackets.md",
    "bars.html",
    "one chapter 200,000 times.epub",
    "an entity of a file.epub",
    "hostile headings.zip",
]
# Those that a library takes its whole time over are left to the benchmark.
AT_ONCE = [
    *("hashes.md", "headings without words.md", "yaml aliases.md", "spaces.txt", "Arabic question marks.txt"),
    *("control characters.txt", "deep.jsonl", "a long number.jsonl", "columns.csv", "cells.html", "deep divs.html"),
    *("deep JSON.html", "entities.epub", "cells of many namespaces.epub", "a chapter from above.epub", "bars.docx"),
    *("cells of many namespaces.docx", "entities.docx", "a page tree of itself.pdf", "a form of itself.pdf"),
    *("deep arrays.pdf", "overlapping members.zip", "names that lead out.zip", "an unknown method.zip", "a bomb.zip"),
]


def test_there_are_enough_of_them() -> None:
    assert len(MAKERS) >= 200
    assert {name.rpartition(".")[2] for name in MAKERS} == {path[1:] for path in FORMATS} - {"htm"}


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_a_hostile_file_does_no_harm(name: str) -> None:
    outcome = file_attacks.in_a_process(name)
    assert isinstance(outcome, file_attacks.Outcome), outcome
    assert outcome.harms == []


def test_many_at_once_do_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    assert file_attacks.all_at_once(AT_ONCE) == []
    assert "'problems': 0" in capsys.readouterr().out


def test_harms_are_seen() -> None:
    outcome = file_attacks.Outcome("x.pdf", 100, 999.0, 1 << 40, 999.0, 1 << 40, 0, 0, "", read_outside=True)
    assert len(outcome.harms) == 5
    assert "ended with" in str(file_attacks.in_a_process("no such file"))
