"""Two rankings into one. Pure."""

Ranking = list[tuple[int, float]]  # (row, score), best first

# The cosine's share; the rest is BM25's, by its best score. benchmarks/README.md has the comparison.
DENSE_WEIGHT = 0.6


def fuse(dense: Ranking, lexical: Ranking) -> Ranking:
    """One ranking of all rows of both, best first, ties by row: a convex combination of the scores.

    `dense` holds cosines; a row it lacks counts as its last. BM25 scores, which have no upper bound, are
    divided by the best; a row without one counts 0 (Bruch, Gai and Ingber 2023).
    """
    cosines, least = dict(dense), dense[-1][1] if dense else 0.0
    words, best = dict(lexical), lexical[0][1] if lexical else 1.0
    scores = {
        row: DENSE_WEIGHT * cosines.get(row, least) + (1 - DENSE_WEIGHT) * words.get(row, 0.0) / best
        for row in cosines | words
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
