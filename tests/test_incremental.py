"""Builds that carry over what they can: the same store, for less."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index import Article, InputError, PassageIndex, Progress, StoreMissing, history, read_articles, verify
from index.building import Meter, update
from index.building.resume import EmbeddingCache
from index.passages import SplitSettings, Splitter, embedding_text, split
from index.store import folder_of
from index.store.paths import WORK
from tests.support.synthetic import HashingEmbedder, article, articles, build, everything, opened

NAMES = ("amber", "basalt", "cedar", "delta", "ember")
TEXTS = (
    "The harbour was built in stone.\n\nIt took seven years.",
    "The harbour was built in wood.\n\nIt took seven years.",
    "A meadow.\n\n" + "The kelp grew a little more. " * 120 + "\n\nThen it stopped.",
)
EDITS = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.tuples(st.sampled_from(TEXTS), st.sampled_from("AB")), min_size=1),
    min_size=2,
    max_size=5,
)


def counts(summary: object) -> tuple[int, ...]:
    return tuple(getattr(summary, name) for name in ("new", "changed", "unchanged", "removed"))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(EDITS)
def test_an_incremental_store_is_the_store_built_from_nothing(
    tmp_path_factory: pytest.TempPathFactory, edits: list[dict[str, tuple[str, str]]]
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    for number, state in enumerate(edits):
        made = [article(name, text, title=title) for name, (text, title) in state.items()]
        build(folder / "store", made)
        build(folder / f"fresh-{number}", reversed(made))
        assert everything(opened(folder / "store").current()) == everything(
            opened(folder / f"fresh-{number}").current()
        )
    assert verify(folder / "store") == []


def test_the_same_holds_for_add_and_remove(tmp_path: Path) -> None:
    store, first, second = tmp_path / "store", articles(6), articles(6, version=1)
    build(store, first)
    summary = PassageIndex.add([second[2], article("mill")], store, embedder=HashingEmbedder())
    assert counts(summary) == (1, 1, 5, 0)
    summary = PassageIndex.remove([first[0].source, first[5].source], store, embedder=HashingEmbedder())
    assert counts(summary) == (0, 0, 5, 2)
    assert summary.embedded == 0
    build(tmp_path / "fresh", [first[1], second[2], first[3], first[4], article("mill")])
    assert everything(opened(store).current()) == everything(opened(tmp_path / "fresh").current())


def test_only_new_texts_are_embedded(tmp_path: Path) -> None:
    store, embedder = tmp_path / "store", HashingEmbedder()
    first = build(store, articles(8), embedder)
    assert first.embedded == first.passages == embedder.embedded
    edited = [*articles(7), articles(8, version=1)[7]]
    second = build(store, edited, embedder)
    old, new = ({embedding_text(one.title, passage) for passage in split(one)} for one in (articles(8)[7], edited[7]))
    assert counts(second) == (0, 1, 7, 0)
    assert second.embedded == len(new - old) == embedder.embedded - first.embedded > 0


def test_a_renamed_article_costs_nothing(tmp_path: Path) -> None:
    text = "The kelp grew a little more. " * 50
    build(tmp_path / "store", [article("old.txt", text, "Kelp")])
    summary = build(tmp_path / "store", [article("new.txt", text, "Kelp")])
    assert (counts(summary), summary.embedded) == ((1, 0, 0, 1), 0)


def test_nothing_changed_makes_no_generation(tmp_path: Path) -> None:
    build(tmp_path / "store", articles(3))
    again = build(tmp_path / "store", reversed(articles(3)))
    assert (again.changed_generation, again.generation, again.embedded) == (False, 1, 0)
    assert counts(again) == (0, 0, 3, 0)
    assert len(history(tmp_path / "store")) == 1
    assert not (tmp_path / "store" / WORK).exists()


def test_another_embedder_embeds_everything_while_the_old_one_answers(tmp_path: Path) -> None:
    store = tmp_path / "store"
    build(store, articles(4))
    reading = opened(store)
    before = everything(reading.current())

    class Watching(HashingEmbedder):
        def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            assert everything(reading.current()) == before
            return super().encode_passages(texts)

    summary = build(store, articles(4), Watching("other"))
    assert counts(summary) == (0, 0, 4, 0)
    assert summary.embedded == summary.passages
    build(tmp_path / "fresh", articles(4), HashingEmbedder("other"))
    other = HashingEmbedder("other")
    assert everything(opened(store, other).current()) == everything(opened(tmp_path / "fresh", other).current())
    assert everything(reading.current()) == before  # it was opened for the old embedder, and stays with it


def test_other_split_settings_split_everything_anew(tmp_path: Path) -> None:
    older = Splitter(SplitSettings(version=0, target_tokens=40))
    embedder = HashingEmbedder()
    update(tmp_path / "store", articles(4), exact=True, embedder=embedder, splitter=older)
    summary = build(tmp_path / "store", articles(4))
    assert summary.embedded > 0
    build(tmp_path / "fresh", articles(4))
    assert everything(opened(tmp_path / "store").current()) == everything(opened(tmp_path / "fresh").current())


def test_a_build_gives_its_embedder_nothing_that_it_would_not_read_whole(tmp_path: Path) -> None:
    class OfBytes(HashingEmbedder):
        max_tokens = 120

        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            return [len(text.encode()) for text in texts]

        def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            longest.append(max(self.count_tokens(texts)))
            return super().encode_passages(texts)

    longest: list[int] = []
    split_small = build(tmp_path / "store", articles(2), OfBytes("of bytes"))
    assert 0 < max(longest) <= OfBytes.max_tokens
    assert split_small.passages > build(tmp_path / "other", articles(2)).passages
    assert verify(tmp_path / "store") == []


def test_passages_that_a_new_version_splits_alike_are_not_embedded_again(tmp_path: Path) -> None:
    older = Splitter(SplitSettings(version=0))
    update(tmp_path / "store", articles(4), exact=True, embedder=HashingEmbedder(), splitter=older)
    summary = build(tmp_path / "store", articles(4))
    assert (summary.changed_generation, counts(summary), summary.embedded) == (True, (0, 0, 4, 0), 0)
    build(tmp_path / "fresh", articles(4))
    assert everything(opened(tmp_path / "store").current()) == everything(opened(tmp_path / "fresh").current())
    assert verify(tmp_path / "store") == []


def test_the_time_left_is_reckoned_without_what_loading_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    told: list[Progress] = []
    meter = Meter("embedding", told.append)
    for now[0], done in ((30.0, 0), (32.0, 10), (36.0, 30)):
        meter(done, 40)
    assert [moment.seconds_left for moment in told] == [None, 6.0, 2.0]


def test_an_interrupted_build_resumes(tmp_path: Path) -> None:
    failing = HashingEmbedder(fail_after=24)
    with pytest.raises(KeyboardInterrupt):
        update(tmp_path / "store", articles(20), exact=True, embedder=failing, batch=8)
    left = [path.name for path in (tmp_path / "store" / WORK).iterdir()]
    assert len(left) == 1
    assert left[0].startswith("embeddings-")
    with pytest.raises(StoreMissing):
        opened(tmp_path / "store")
    summary = build(tmp_path / "store", articles(20))
    assert summary.embedded == summary.passages - 24
    build(tmp_path / "fresh", articles(20))
    assert everything(opened(tmp_path / "store").current()) == everything(opened(tmp_path / "fresh").current())
    assert not (tmp_path / "store" / WORK).exists()


def test_embeddings_kept_aside_are_there_again(tmp_path: Path) -> None:
    keys = [bytes([n]) * 16 for n in range(5)]
    rows = np.eye(5, dtype=np.float32)
    with EmbeddingCache(tmp_path / "cache", 5) as cache:
        cache.add(keys[:3], rows[:3])
    with EmbeddingCache(tmp_path / "cache", 5) as cache:
        assert [key in cache for key in keys] == [True, True, True, False, False]
        cache.add(keys[2:], rows[2:])
        assert np.array_equal([cache.get(key) for key in keys], rows)


def test_a_torn_file_of_embeddings_is_begun_anew(tmp_path: Path) -> None:
    keys = [bytes([n]) * 16 for n in range(200)]
    rows = np.eye(200, dtype=np.float32)
    with EmbeddingCache(tmp_path / "cache", 200) as cache:
        cache.add(keys, rows)
    data = (tmp_path / "cache").read_bytes()
    for cut in (0, 1, 100, len(data) // 2, len(data) - 1):
        (tmp_path / "cache").write_bytes(data[:cut])
        with EmbeddingCache(tmp_path / "cache", 200) as cache:
            assert not any(key in cache for key in keys)
            cache.add(keys, rows)
            assert np.array_equal([cache.get(key) for key in keys], rows)
    (tmp_path / "cache").write_bytes(b"not a database " * 100)
    with EmbeddingCache(tmp_path / "cache", 200) as cache:
        assert not any(key in cache for key in keys)


def test_a_failing_source_of_articles_changes_nothing(tmp_path: Path) -> None:
    build(tmp_path / "store", articles(3))
    before = everything(opened(tmp_path / "store").current())

    def broken() -> Iterator[Article]:
        yield from articles(2, version=1)
        raise InputError("the third is bad")

    with pytest.raises(InputError, match="the third is bad"):
        build(tmp_path / "store", broken())
    assert everything(opened(tmp_path / "store").current()) == before
    assert verify(tmp_path / "store") == []


def test_removing_what_is_not_there_removes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        PassageIndex.remove(["a"], tmp_path / "store")
    build(tmp_path / "store", articles(2))
    with pytest.raises(InputError, match=r"has no article 'nonsense'.*index info"):
        PassageIndex.remove([articles(1)[0].source, "nonsense"], tmp_path / "store", embedder=HashingEmbedder())
    assert len(opened(tmp_path / "store").articles()) == 2
    with pytest.raises(InputError, match="nothing to search would be left"):
        PassageIndex.remove([one.source for one in articles(2)], tmp_path / "store", embedder=HashingEmbedder())
    assert len(opened(tmp_path / "store").articles()) == 2


def test_a_source_that_comes_twice_counts_once(tmp_path: Path) -> None:
    twice = [article("a", TEXTS[0]), article("a", TEXTS[0]), article("a", TEXTS[1])]
    summary = build(tmp_path / "store", twice, skipped=2)
    assert (summary.new, summary.skipped) == (1, 3)
    assert opened(tmp_path / "store").article(twice[0].id) == twice[0]


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    embedder = HashingEmbedder()
    summary = update(tmp_path / "store", articles(6), exact=True, embedder=embedder, on_progress=told.append, batch=4)
    assert list(dict.fromkeys(one.stage for one in told)) == ["reading", "embedding", "indexing", "checking"]
    embedding = [one for one in told if one.stage == "embedding"]
    assert embedding[-1].done == embedding[-1].total == summary.passages
    assert embedding[-1].seconds_left == 0
    assert all(one.seconds_left is not None and one.seconds_left > 0 for one in embedding[1:-1])


def test_a_real_embedder_gives_the_same_whatever_was_embedded_with_what(tmp_path: Path) -> None:
    """The default embedder reads each text alone."""
    seeds = list(read_articles(["seeds"]))
    PassageIndex.build(seeds[:5], tmp_path / "store")
    PassageIndex.build(seeds[1:8], tmp_path / "store")
    PassageIndex.build(seeds[1:8], tmp_path / "fresh")
    vectors = [
        np.load(folder_of(tmp_path / name, number) / "vectors.npy") for name, number in (("store", 2), ("fresh", 1))
    ]
    assert np.abs(vectors[0] - vectors[1]).max() < 1e-6
    grown, fresh = (PassageIndex.open(tmp_path / name) for name in ("store", "fresh"))
    for query in ("Who discovered it?", "coral reefs and heat", "inflation in Iran"):
        one, other = grown.search(query, 20), fresh.search(query, 20)
        assert [hit.passage for hit in one] == [hit.passage for hit in other]
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=1e-6)
