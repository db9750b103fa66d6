"""The large reader is made once, whole or not at all; where it cannot be had the small one answers and says so."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import InputError
from index.derived import RECORD, WEIGHTS_FILE, is_whole, quantised
from qa.reader import base, making
from qa.reader.base import BaseError, base_weights
from qa.reader.checkpoint import load_checkpoint
from qa.reader.choice import choose
from qa.reader.merging import BUCKETS, HEADS, MAX_TOKENS, nearness


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no base but what a test names."""
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(base, "PACKAGES", ("no-such-package",))
    monkeypatch.setenv("HF_HOME", str(tmp_path))


def test_without_the_base_the_small_reader_answers_and_one_line_says_how_to_get_the_large(
    cache: Path, no_base: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert choose().name == "small"
    said = capsys.readouterr().err.strip().splitlines()
    assert "pip install -r requirements.txt" in said[-1]
    assert not any(cache.glob("*"))


def test_who_asks_for_the_large_reader_is_told_why_it_cannot_be_had(cache: Path, no_base: None) -> None:
    with pytest.raises(InputError, match="large reader cannot be had"):
        choose("large")


def test_other_weights_are_refused(tmp_path: Path, no_base: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setenv("ARTICLE_QA_BASE", str(tmp_path))
    with pytest.raises(BaseError, match="other weights"):
        base_weights()


def test_a_damaged_reader_is_made_again_and_a_whole_one_kept(cache: Path) -> None:
    told: list[str] = []
    folder = making.large_reader(told.append)
    assert len(told) == 1
    before = (folder / WEIGHTS_FILE).stat()
    assert making.large_reader(told.append) == folder
    assert len(told) == 1
    with (folder / WEIGHTS_FILE).open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\x55\x55\x55\x55")
    assert not is_whole(folder, making.recipe())
    making.large_reader(told.append)
    assert len(told) == 2
    assert is_whole(folder, making.recipe())
    assert (folder / WEIGHTS_FILE).stat().st_size == before.st_size
    assert [left.name for left in cache.iterdir()] == [folder.name]
    (folder / RECORD).unlink()
    assert not is_whole(folder, making.recipe())


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="ARTICLE_QA_CACHE"):
        making.large_reader(lambda line: None)


def test_the_large_reader_runs_without_torch_and_depends_on_no_neighbour() -> None:
    chosen = choose("large")
    checkpoint = load_checkpoint(chosen.weights, chosen.name)
    ids = np.array([checkpoint.tokenizer.encode("who came", "Ida came home.").ids], dtype=np.int64)
    start, end = checkpoint.logits(ids, np.zeros_like(ids), np.ones_like(ids))
    assert start.shape == end.shape == ids.shape
    twice, _ = checkpoint.logits(np.repeat(ids, 2, 0), np.zeros_like(ids), np.ones_like(ids))
    assert np.allclose(twice[0], twice[1])


def test_distance_buckets_are_those_of_the_base() -> None:
    import torch
    from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

    table = np.random.default_rng(1).standard_normal((BUCKETS, HEADS)).astype(np.float32)
    place = torch.arange(MAX_TOKENS)
    apart = place[None, :] - place[:, None]
    bucket: Any = MPNetEncoder.relative_position_bucket
    buckets = bucket(apart, num_buckets=BUCKETS).numpy()
    assert np.array_equal(nearness(table)[0], table[buckets].transpose(2, 0, 1))


def test_eight_bits_are_within_half_a_step() -> None:
    matrix = np.random.default_rng(2).standard_normal((64, 16)).astype(np.float32)
    integers, scale = quantised(matrix)
    assert np.abs(integers * scale - matrix).max() <= scale.max() / 2 + 1e-6


def test_the_words_for_confidence_promise_what_was_found_when_they_were_fitted() -> None:
    from qa.confidence import LIKELY, VERY_LIKELY

    promised = {"very": (VERY_LIKELY, 0.8), "likely": (LIKELY, 0.65)}
    words = json.loads((making.ADAPTER_FOLDER / "calibration.json").read_text())["words"]
    for word, (least, right) in promised.items():
        assert words[word]["from"] == least
        assert words[word]["right"] >= right
