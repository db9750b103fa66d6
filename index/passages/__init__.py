"""Articles in, Passages out: the layout of a text, its sentences, and the stretches that are embedded and read.

Knows nothing of searching or the store.
"""

from index.passages.sentences import sentences
from index.passages.split import SPLIT_SETTINGS, Passage, embedding_text, split

__all__ = ["SPLIT_SETTINGS", "Passage", "embedding_text", "sentences", "split"]
