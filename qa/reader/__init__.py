"""A question and the passages found in, spans out, and how sure each is: the model, its decoding, order, confidence.

Knows nothing of citations or of how answers are shown.
"""

from qa.reader.checkpoint import load_checkpoint
from qa.reader.choice import Choice, choose
from qa.reader.extractive import ExtractiveReader, Reader, Reading, Span, reading_prefix
from qa.reader.models import Models
from qa.reader.ranking import Calibration, Ranked

__all__ = [
    "Calibration",
    "Choice",
    "ExtractiveReader",
    "Models",
    "Ranked",
    "Reader",
    "Reading",
    "Span",
    "choose",
    "load_checkpoint",
    "reading_prefix",
]
