"""A question and the passages found in, spans out, and how sure each is: the model, its decoding, order, confidence.

Knows nothing of citations or of how answers are shown.
"""

from qa.reader.checkpoint import DEFAULT_READER, load_checkpoint
from qa.reader.extractive import ExtractiveReader, Reader, Reading, Span, reading_prefix
from qa.reader.ranking import Calibration, Ranked

__all__ = [
    "DEFAULT_READER",
    "Calibration",
    "ExtractiveReader",
    "Ranked",
    "Reader",
    "Reading",
    "Span",
    "load_checkpoint",
    "reading_prefix",
]
