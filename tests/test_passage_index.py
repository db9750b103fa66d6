"""Searching: rankings with the real embedder, then filters, copies, and what a caller may get wrong."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index import Filter, InputError, PassageIndex, StoreMismatch, StoreMissing, read_articles
from index.passages import embedding_text, split
from index.search import load_embedder
from index.search.lexical import LexicalIndex
from tests.support.synthetic import article, articles, build, opened

ARTICLES = [
    article("lighthouse.md", title="The lighthouse", published=date(2024, 5, 20)),
    article("mill.md", title="The mill", published=date(2023, 1, 2)),
    article("bridge.md", title="The Bridge", published=None),
]


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> PassageIndex:
    """The seeds under the real embedder."""
    store = tmp_path_factory.mktemp("seeds") / "store"
    PassageIndex.build(read_articles(["seeds"]), store)
    return PassageIndex.open(store)


def test_sides_agree_with_brute_force(seeds: PassageIndex) -> None:
    query = "When was smallpox declared eradicated?"
    texts = [
        (passage, embedding_text(one.title, passage)) for one in read_articles(["seeds"]) for passage in split(one)
    ]
    texts.sort(key=lambda pair: (seeds.article(pair[0].article_id).source, pair[0].start))
    embedder = load_embedder()
    cosines = embedder.encode_passages([text for _, text in texts]) @ embedder.encode_query(query)
    words = dict(LexicalIndex.build([text for _, text in texts]).search(query, len(texts)))
    hits = seeds.search(query, 20)
    place = {passage.id: row for row, (passage, _) in enumerate(texts)}
    assert "smallpox" in hits[0].article.source
    for hit in hits:
        row = place[hit.passage.id]
        if hit.dense_score is not None:
            assert hit.dense_score == pytest.approx(cosines[row], abs=1e-5)
            assert hit.dense_rank == 1 + int(np.sum(cosines > cosines[row] + 1e-6))
        if hit.lexical_score is not None:
            assert hit.lexical_score == pytest.approx(words[row], rel=1e-5)


def test_every_passage_is_the_text_at_its_offsets(seeds: PassageIndex) -> None:
    for info in seeds.articles():
        one = seeds.article(info.id)
        passages = seeds.passages(info.id)
        assert len(passages) == info.passages > 0
        assert passages == split(one)
        assert all(one.text[p.start : p.end] == p.text for p in passages)


def test_hits_come_best_first_and_more_of_them_begin_the_same(seeds: PassageIndex) -> None:
    few, many = seeds.search("Iran and Russia", 3), seeds.search("Iran and Russia", 30)
    assert few == many[:3]
    assert [hit.score for hit in many] == sorted((hit.score for hit in many), reverse=True)
    assert len({hit.passage.id for hit in many}) == 30


def test_as_many_hits_as_there_are_passages(tmp_path: Path) -> None:
    build(tmp_path / "store", articles(30))
    index = opened(tmp_path / "store")
    there = index.manifest.passages
    assert there > 100
    assert len(index.search("amber", there)) == there == len(index.search("amber", there + 5))


@pytest.mark.parametrize(
    ("where", "sources"),
    [
        (Filter(source="MILL"), ["mill.md"]),
        (Filter(source="*.md"), ["bridge.md", "lighthouse.md", "mill.md"]),
        (Filter(source="mill"), ["mill.md"]),
        (Filter(source="mil?.md"), ["mill.md"]),
        (Filter(source="ill*"), []),
        (Filter(title="the b"), ["bridge.md"]),
        (Filter(published_from=date(2023, 1, 2)), ["lighthouse.md", "mill.md"]),
        (Filter(published_from=date(2023, 1, 3)), ["lighthouse.md"]),
        (Filter(published_to=date(2023, 1, 2)), ["mill.md"]),
        (
            Filter(published_from=date(2023, 1, 1), published_to=date(2024, 5, 20), title="light"),
            ["lighthouse.md"],
        ),
        (Filter(title="[t]he"), []),
        (Filter(), ["bridge.md", "lighthouse.md", "mill.md"]),
    ],
)
def test_filter(tmp_path: Path, where: Filter, sources: list[str]) -> None:
    build(tmp_path / "store", ARTICLES)
    index = opened(tmp_path / "store")
    for _ in range(2):  # the second time from the cache
        hits = index.search("who is the keeper by the river", 10, where=where)
        assert sorted({hit.article.source for hit in hits}) == sources


def test_a_filter_never_costs_hits(tmp_path: Path) -> None:
    build(tmp_path / "store", [*articles(40), article("rare.txt", "Something else entirely.")])
    hits = opened(tmp_path / "store").search("amber report", 5, where=Filter(source="report-3*"))
    assert len(hits) == 5
    assert all(hit.article.source.startswith("report-3") for hit in hits)
    assert [h.article.source for h in opened(tmp_path / "store").search("amber", 5, where=Filter(source="rare"))] == [
        "rare.txt"
    ]


def test_copies_make_one_hit_that_names_the_others(tmp_path: Path) -> None:
    text = "The lighthouse keeper is called Jansson."
    copies = [article(f"copy-{n}.txt", text, title=f"Copy {n}") for n in range(150)]
    build(tmp_path / "store", [*copies, article("mill.txt"), article("bridge.txt")])
    hits = opened(tmp_path / "store").search("lighthouse keeper Jansson", 3)
    assert len({hit.passage.text for hit in hits}) == len(hits) == 3
    first = next(hit for hit in hits if hit.passage.text == text)
    sources = [first.article.source, *(other.source for other in first.also)]
    assert sorted(sources) == sorted(one.source for one in copies)
    only = opened(tmp_path / "store").search("lighthouse", 3, where=Filter(title="copy 7"))
    assert {hit.article.source for hit in only} | {o.source for hit in only for o in hit.also} == {
        "copy-7.txt",
        *(f"copy-7{n}.txt" for n in range(10)),
    }


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="python -m index build"):
        opened(tmp_path / "store")
    build(tmp_path / "store", ARTICLES)
    index = opened(tmp_path / "store")
    for query in ("", "  \n"):
        with pytest.raises(InputError, match="empty"):
            index.search(query)
    with pytest.raises(InputError, match="at least 1"):
        index.search("mill", 0)
    with pytest.raises(InputError, match="no article has the id 'nonsense'"):
        index.article("nonsense")
    with pytest.raises(InputError, match="nonsense"):
        index.passages("nonsense")
    with pytest.raises(StoreMismatch, match="rebuild it with"):
        PassageIndex.open(tmp_path / "store", load_embedder())


def test_metadata_come_back(tmp_path: Path) -> None:
    from dataclasses import replace

    one = replace(
        ARTICLES[0],
        author="A. Writer",
        language="en",
        origin="https://example.org/a",
        pages=(0, 10),
        skip=((0, 4),),
    )
    build(tmp_path / "store", [one])
    index = opened(tmp_path / "store")
    assert index.article(one.id) == one
    (info,) = index.articles()
    assert (info.author, info.language, info.published, info.characters) == (
        "A. Writer", "en", date(2024, 5, 20), len(one.text),
    )  # fmt: skip


def test_odd_texts_and_sources_come_back(tmp_path: Path) -> None:
    odd = [
        article("new\nline.txt", "A\u0301 café 👩‍👩‍👧 talks. שלום עולם. Another one."),
        article("quote'\".txt", "nul \x00 byte. And more after it."),
    ]
    build(tmp_path / "store", odd)
    index = opened(tmp_path / "store")
    assert [index.article(one.id) for one in odd] == odd
