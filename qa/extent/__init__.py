"""A question and the reader's spans in, the characters that answer out: words, cells, items or sentences."""

from qa.extent.answer_extent import extent_of, parts_of
from qa.extent.cells import row_of
from qa.extent.question_size import size_of

__all__ = ["extent_of", "parts_of", "row_of", "size_of"]
