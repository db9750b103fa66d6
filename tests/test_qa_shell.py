"""The shell as people and programs meet it: output, exit codes, one line for each mistake."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index import Article, Hit, Passage, PassageIndex, read_articles
from index.command_line import safe
from qa.__main__ import main
from qa.answer import Answer, Citation
from qa.shell import answer_text, hits_text

ROOT = Path(__file__).resolve().parent.parent
LIGHTHOUSE = "Ebdal\n\nThe Ebdal lighthouse was finished in 1874. Its first keeper was Torben Lisk."
CHEESE = "Hallo\n\nHallo cheese ripens for nine weeks. \x1b[31mRed\x1b[0m wax \u202eprotects\u202c it."


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("shell")
    (folder / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    (folder / "cheese.txt").write_text(CHEESE, encoding="utf-8")
    PassageIndex.build(read_articles([folder]), store=folder / "store")
    return str(folder / "store")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_ask_prints_the_answer_and_its_citation(capsys: pytest.CaptureFixture[str], store: str) -> None:
    code, out, err = run(
        capsys, "ask", "When was the Ebdal lighthouse finished?", "--store", store, "--min-confidence", "0"
    )
    assert (code, err) == (0, "")
    assert out.startswith("1874  (confidence ")
    assert "1. “The Ebdal lighthouse was finished in **1874**.”" in out
    assert "lighthouse.txt · characters 7–49, answer 44–48" in out


def test_ask_json_is_the_contract(capsys: pytest.CaptureFixture[str], store: str) -> None:
    question = "When was the Ebdal lighthouse finished?"
    code, out, err = run(capsys, "ask", question, "--store", store, "--min-confidence", "0", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert {"question", "answered", "answer", "confidence", "sure", "citations"} == set(document) - {"parts", "others"}
    assert document["answer"] == "1874"
    (cited,) = document["citations"]
    assert LIGHTHOUSE[cited["start"] : cited["end"]] == cited["quote"]
    assert LIGHTHOUSE[cited["answer_start"] : cited["answer_end"]] == "1874"
    assert set(cited["article"]) == {"id", "title", "source", "published"}


def test_no_answer_is_a_result(capsys: pytest.CaptureFixture[str], store: str) -> None:
    code, out, _ = run(capsys, "ask", "Who composed the opera?", "--store", store, "--min-confidence", "1")
    assert code == 0
    assert out.startswith("The articles do not say.")
    assert "Closest passages:" in out
    code, out, _ = run(capsys, "ask", "Who?", "--store", store, "--min-confidence", "1", "--json")
    document = json.loads(out)
    assert (code, document["answered"], document["answer"], document["citations"]) == (0, False, None, [])
    assert document["related"]


def test_retrieve_as_text_and_as_json(capsys: pytest.CaptureFixture[str], store: str) -> None:
    code, out, _ = run(capsys, "retrieve", "nine weeks", "--store", store, "-k", "1", "--no-rerank")
    assert code == 0
    assert out.startswith("1. ")
    assert "Hallo cheese ripens" in out
    code, out, _ = run(capsys, "retrieve", "nine weeks", "--store", store, "--json")
    hits = json.loads(out)
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert set(hits[0]) == {"rank", "score", "passage", "article"}
    assert set(hits[0]["passage"]) == {"id", "text", "start", "end", "heading"}
    assert hits[0]["score"] >= hits[1]["score"]
    assert CHEESE[hits[0]["passage"]["start"] : hits[0]["passage"]["end"]] == hits[0]["passage"]["text"]


def test_filters_narrow_the_search(capsys: pytest.CaptureFixture[str], store: str) -> None:
    _, out, _ = run(capsys, "retrieve", "nine weeks", "--store", store, "--source", "*light*", "--json")
    assert [hit["article"]["title"] for hit in json.loads(out)] == ["Ebdal"]
    _, out, _ = run(capsys, "retrieve", "nine weeks", "--store", store, "--from", "2024-01-01", "--no-rerank")
    assert out == "No passage found.\n"


def test_nothing_in_an_article_or_a_question_reaches_the_terminal_as_a_command(
    capsys: pytest.CaptureFixture[str], store: str
) -> None:
    for arguments in (
        ("ask", "Which \x1b[2J wax protects Hallo cheese?", "--min-confidence", "0"),
        ("ask", "\x1b]0;title\x07 cheese?", "--min-confidence", "1"),
        ("retrieve", "wax"),
    ):
        code, out, err = run(capsys, *arguments, "--store", store)
        assert code == 0
        assert not set("\x1b\x07\u202e\u202c") & set(out + err)
        assert "31mRed" in out
        assert "\ufffd" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask"], "arguments are required: QUESTION"),
        (["sing"], "invalid choice"),
        (["ask", "Who?", "--min-confidence", "2"], "no number from 0 to 1"),
        (["ask", "Who?", "--min-confidence", "nan"], "no number from 0 to 1"),
        (["ask", "Who?", "--from", "yesterday"], "no date like"),
        (["retrieve", "x", "-k", "0"], "no whole number from 1 up"),
        (["retrieve", "x", "-k", "²"], "no whole number from 1 up"),
        (["evaluate", "x.json", "--k", "5"], "which R@10 needs"),
        (["ask", "Who?", "--bell\x07"], "unrecognized arguments: --bell\ufffd"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    out, err = capsys.readouterr()
    assert (caught.value.code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", " "], "holds no word"),
        (["ask", "x" * 5000], "characters"),
        (["ask", "Who \udcff?"], "cannot be read as UTF-8"),
        (["retrieve", "\udcff"], "cannot be read as UTF-8"),
        (["ask", "Who?", "--from", "2024-02-01", "--to", "2024-01-01"], "--from 2024-02-01 is after --to"),
        (["evaluate", "none.json"], "none.json: there is no such file"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], store: str, arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, *arguments, "--store", store)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_missing_store_is_exit_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = run(capsys, "ask", "Who?", "--store", str(tmp_path / "none"))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "python -m index build" in err


def test_whatever_else_goes_wrong_is_one_line_and_exit_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **more: Any) -> None:
        raise RuntimeError("two\nlines \x1b[0m")

    monkeypatch.setattr("qa.pipeline.QA.open", broken)
    code, out, err = run(capsys, "ask", "Who?")
    assert (code, out) == (1, "")
    assert err == "internal error: RuntimeError: two lines \ufffd[0m\n"


def test_an_interrupt_is_quiet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qa.pipeline.QA.open", interrupted)
    assert run(capsys, "ask", "Who?") == (130, "", "")


def write_squad(path: Path) -> str:
    answers = [{"text": "1874", "answer_start": LIGHTHOUSE.index("1874")}]
    qas = [
        {"id": "good", "question": "When was the Ebdal lighthouse finished?", "answers": answers},
        {"id": "bad", "question": "When?", "answers": [{"text": "1875", "answer_start": 0}]},
    ]
    document = {"data": [{"title": "Lighthouse", "paragraphs": [{"context": LIGHTHOUSE, "qas": qas}]}]}
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_evaluate_prints_one_document_and_names_what_it_left_out(
    capsys: pytest.CaptureFixture[str], store: str, tmp_path: Path
) -> None:
    file = write_squad(tmp_path / "own.json")
    report = tmp_path / "report"
    code, out, err = run(capsys, "evaluate", file, "--store", store, "--json", "--report", str(report))
    assert code == 0
    document = json.loads(out)
    assert document["questions"] == 1
    assert document["figures"]["citations"]["valid"]["value"] == 1
    assert document == json.loads((report / "evaluation.json").read_text(encoding="utf-8"))
    assert err == f"left out: {file}#0 question bad: answer_start 0 points at 'Ebda', not at '1875'\n"


def test_evaluate_prints_one_table(capsys: pytest.CaptureFixture[str], store: str, tmp_path: Path) -> None:
    code, out, _ = run(capsys, "evaluate", write_squad(tmp_path / "own.json"), "--store", store)
    assert code == 0
    assert "gold answer inside the first quote" in out
    assert "1 questions (1 answerable) on 1 articles" in out


def spawn(*command: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300, **more
    )


def test_asking_needs_neither_the_web_page_nor_the_evaluation(store: str) -> None:
    code = (
        "import sys; from qa.__main__ import main; main(sys.argv[1:]);"
        "print(sorted({'gradio', 'app', 'qa.evaluation'} & set(sys.modules)), file=sys.stderr)"
    )
    done = spawn("-c", code, "ask", "When was the Ebdal lighthouse finished?", "--store", store, "--json")
    assert json.loads(done.stdout)["question"].startswith("When")
    assert done.stderr == "[]\n"


def test_help_and_errors_come_without_the_models() -> None:
    code = (
        "import sys; from qa.__main__ import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted({'torch', 'gradio', 'transformers'} & set(sys.modules)), file=sys.stderr)"
    )
    done = spawn("-c", code)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_a_reader_that_leaves_early_hears_no_complaint(store: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "qa", "retrieve", "wax", "--no-rerank", "--store", store]
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(command, cwd=ROOT, stdout=closed, stderr=subprocess.PIPE, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (0, b"")


def test_safe_keeps_scripts_and_emoji() -> None:
    assert safe("Ünï 日本 👩‍🚀 עברית") == "Ünï 日本 👩‍🚀 עברית"
    assert safe("a\x9bb\x7fc\ud800d\u2066e") == "a\ufffdb\ufffdc\ufffdd\ufffde"
    assert safe("one\r\ntwo\u2028three") == "one  two three"


def test_pages_dates_and_bold_type() -> None:
    text = "Front. The lamp was green."
    article = Article("a" * 16, "Lamp", "lamp.pdf", date(2024, 5, 20), text, pages=(0, 7))
    cited = Citation(1, article, text[7:], 7, 26, 20, 25, "p", 2)
    shown = answer_text(Answer("?", "green", 0.5, (cited,), ()), bold=True)
    assert "The lamp was \x1b[1mgreen\x1b[0m." in shown
    assert "Lamp · lamp.pdf · 2024-05-20 · page 2 · characters 7–26, answer 20–25" in shown
    passage = Passage("p", article.id, "Lamps", 7, 26, text[7:])
    assert hits_text([Hit(passage, article, 0.5, 1, None)]) == (
        "1. 0.500  Lamp · lamp.pdf · 2024-05-20 · Lamps · page 2 · characters 7–26\n   The lamp was green."
    )
