"""Articles in, Passages out: the layout of a text, its sentences, and the stretches that are embedded and read.

Knows nothing of the store; of the embedder only how many tokens it reads.
"""

from index.passages.embedded_text import embedded_digest, embedding_text, words_digest
from index.passages.passage import Passage, check_passage, passage_of
from index.passages.sentences import sentences
from index.passages.split import DEFAULT_SPLITTER, SplitSettings, Splitter, split

__all__ = [
    "DEFAULT_SPLITTER",
    "Passage",
    "SplitSettings",
    "Splitter",
    "check_passage",
    "embedded_digest",
    "embedding_text",
    "passage_of",
    "sentences",
    "split",
    "words_digest",
]
