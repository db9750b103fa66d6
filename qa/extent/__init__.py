"""A question and the reader's span in, the characters that answer out: the words, the whole list or the sentences."""

from qa.extent.answer_extent import extent_of

__all__ = ["extent_of"]
