"""What a question loads: neither torch nor anything else that it does not use."""

import subprocess
import sys
from pathlib import Path

import pytest

from index import PassageIndex, read_articles

PROJECT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "transformers", "sentence_transformers", "pandas", "sklearn", "scipy", "gradio", "faiss", "bm25s")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("fast") / "store"
    PassageIndex.build(read_articles([PROJECT / "seeds" / "tea.md"]), store)
    return store


@pytest.mark.parametrize("reader", ["large", "small"])
def test_a_question_in_a_fresh_interpreter_loads_nothing_heavy(store: Path, reader: str) -> None:
    code = (
        "import sys; from qa.__main__ import main; code = main(sys.argv[1:]); "
        f"print(code, [name for name in {HEAVY} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, "ask", "Which plant is tea made from?", "--store", str(store)]
    told = subprocess.run([*command, "--reader", reader], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "Camellia sinensis" in told.stdout
    assert told.stdout.splitlines()[-1] == "0 []"
