"""BM25 against values worked by hand from the formula, its terms, ties and files."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.search import inversion, lexical
from index.search.inversion import K1, B
from index.search.lexical import LexicalIndex
from index.search.terms import terms

TEXTS = [
    "The ambassador spoke in Moscow.",
    "Ambassadors met the minister; the minister of Iran spoke.",
    "A helicopter crashed.",
    "Nothing of the kind.",
    "The helicopter carried the minister to Moscow, Moscow said.",
]


def by_hand(texts: Sequence[str], query: str) -> list[tuple[int, float]]:
    """Lucene's BM25 (Kamphuis et al. 2020): ln(1 + (N - n + .5)/(n + .5)) * tf/(tf + k1(1 - b + b l/L))."""
    counted = [Counter(terms(text)) for text in texts]
    mean = sum(count.total() for count in counted) / len(texts)
    scores = []
    for row, count in enumerate(counted):
        score = 0.0
        for term in terms(query):
            holds = sum(term in other for other in counted)
            idf = math.log(1 + (len(texts) - holds + 0.5) / (holds + 0.5))
            score += idf * count[term] / (count[term] + K1 * (1 - B + B * count.total() / mean))
        scores.append((row, score))
    return sorted([pair for pair in scores if pair[1] > 0], key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.parametrize("query", ["ambassador", "the ministers of Moscow", "helicopter crash Iran", "Moscow Moscow"])
def test_against_the_formula(query: str) -> None:
    found = LexicalIndex.build(TEXTS).search(query, 10)
    expected = by_hand(TEXTS, query)
    assert expected
    assert [row for row, _ in found] == [row for row, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], rel=1e-5)


def test_pruning_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "PRUNED", 3)
    monkeypatch.setattr(inversion, "BLOCK", 50)
    dice = random.Random(1)
    words, common = [f"w{number}" for number in range(60)], [1 / (1 + number) for number in range(60)]
    texts = [" ".join(dice.choices(words, common, k=dice.randint(0, 30))) for _ in range(400)]
    index = LexicalIndex.build(texts)
    for number in range(100):
        query, k = " ".join(dice.choices(words, k=dice.randint(1, 6))), dice.choice([1, 5, 20, 500])
        allowed = np.random.default_rng(number).random(400) < dice.choice([0.1, 0.5, 1.1])
        expected = {row: score for row, score in by_hand(texts, query) if allowed[row]}
        found = index.search(query, k, allowed)
        assert [score for _, score in found] == pytest.approx(list(expected.values())[:k], rel=1e-5)
        assert [score for _, score in found] == pytest.approx([expected[row] for row, _ in found], rel=1e-5)
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


def test_one_value_worked_out() -> None:
    # Two passages of two terms each; "iran" in one of them, once: ln(1 + 1.5/1.5) * 1/(1 + 1.5).
    ((row, score),) = LexicalIndex.build(["Iran spoke", "Russia spoke"]).search("Iran", 5)
    assert row == 0
    assert score == pytest.approx(math.log(2) / (1 + K1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What did Iran's ministers say?", ["iran", "minist", "say"]),
        ("the U.S. and the US", ["us", "us"]),
        ("WHO says who", ["who", "say"]),
        ("No. 5 cost $3.50", ["5", "cost", "3", "50"]),
        ("Röntgen naïve CAFÉ", ["rontgen", "naiv", "cafe"]),
        ("东京 has ラーメン", ["东", "京", "has", "ラ", "ー", "メ", "ン"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("كِتَاب", ["كتاب"]),
        ("snake_case", ["snake", "case"]),
        ("?! — …", []),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_nothing_to_find() -> None:
    index = LexicalIndex.build(TEXTS)
    for query in ("", "   ", "?", "the of", "xylophone", "<img src=x>"):
        assert index.search(query, 5) == []
    assert index.search("Moscow", 0) == []
    for texts in ([], ["", "the"]):
        assert LexicalIndex.build(texts).search("Moscow", 5) == []


def test_a_very_long_query() -> None:
    assert LexicalIndex.build(TEXTS).search("Moscow " * 15_000, 1)[0][0] == 4


def test_allowed_and_ties() -> None:
    index = LexicalIndex.build(["Moscow speaks", "other"] * 50)
    assert [row for row, _ in index.search("Moscow", 4)] == [0, 2, 4, 6]
    allowed = np.arange(100) >= 10
    assert [row for row, _ in index.search("Moscow", 4, allowed)] == [10, 12, 14, 16]
    assert index.search("Moscow", 4, np.zeros(100, dtype=bool)) == []
    with pytest.raises(ValueError, match="3 entries for 100 rows"):
        index.search("Moscow", 4, np.ones(3, dtype=bool))


@pytest.mark.parametrize("texts", [TEXTS, [], ["", "the"]])
def test_save_and_load(tmp_path: Path, texts: list[str]) -> None:
    built = LexicalIndex.build(iter(texts))
    built.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path, count=len(texts))
    assert len(loaded) == len(built) == len(texts)
    assert loaded.search("minister in Moscow", 9) == built.search("minister in Moscow", 9)
    with pytest.raises(ValueError, match="expected 99"):
        LexicalIndex.load(tmp_path, count=99)


def test_the_same_texts_give_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        LexicalIndex.build(TEXTS).save(tmp_path / name)
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
        assert file.suffix in {".npy", ".json", ".txt"}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_carried_over_is_what_is_built_anew(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    before = [
        " ".join(dice.choices(["amber", "basalt", "cedar", "délta", "the"], k=dice.randint(0, 6))) for _ in range(9)
    ]
    kept = dice.sample(range(9), k=dice.randint(0, 9))
    now = [(place, before[place]) for place in kept] + [(-1, f"ember {n} amber") for n in range(dice.randint(0, 4))]
    dice.shuffle(now)
    source = np.array([place for place, _ in now], dtype=np.int64)
    base = LexicalIndex.build(before)
    base.save(tmp_path / "base")
    carried = LexicalIndex.load(tmp_path / "base").carried(source, [text for place, text in now if place < 0])
    carried.save(tmp_path / "carried")
    LexicalIndex.build(text for _, text in now).save(tmp_path / "anew")
    assert {file.name: file.read_bytes() for file in (tmp_path / "carried").iterdir()} == {
        file.name: file.read_bytes() for file in (tmp_path / "anew").iterdir()
    }


def test_damaged_files(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    for file in sorted(tmp_path.iterdir()):
        whole = file.read_bytes()
        for damage in (b"", whole[: len(whole) // 2], b"junk"):
            file.write_bytes(damage)
            with pytest.raises(ValueError, match=r"lexical index|do not fit"):
                LexicalIndex.load(tmp_path)
        file.unlink()
        with pytest.raises(ValueError, match="lexical index"):
            LexicalIndex.load(tmp_path)
        file.write_bytes(whole)


def test_files_that_do_not_fit_together(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    vocabulary = tmp_path / "terms.txt"
    whole = vocabulary.read_bytes()
    vocabulary.write_bytes(whole[: whole.rindex(b"\n")])
    with pytest.raises(ValueError, match="do not fit"):
        LexicalIndex.load(tmp_path)
    vocabulary.write_bytes(whole)
    rows = np.load(tmp_path / "rows.npy")
    rows[-1] = len(TEXTS)
    np.save(tmp_path / "rows.npy", rows)
    with pytest.raises(ValueError, match="not those of its passages"):
        LexicalIndex.load(tmp_path).check()


def test_threads_agree() -> None:
    index = LexicalIndex.build(TEXTS * 100)
    queries = [f"{word} minister" for word in ("Moscow", "Iran", "helicopters", "spoke")] * 50
    expected = [index.search(query, 7) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda query: index.search(query, 7), queries)) == expected
