"""A calibrated confidence in words. Each word promises a share that is right: four of five, and two of three.

What the split that the confidence was fitted on gave stands in `models/reader-large/calibration.json`; a test holds the
promise against it. It has not been checked on a split of its own.
"""

VERY_LIKELY = 0.85
LIKELY = 0.6


def in_words(confidence: float) -> tuple[str, str]:
    """The word for the page and the level for its style: "very", "likely" or "unsure"."""
    if confidence >= VERY_LIKELY:
        return "Very likely right", "very"
    if confidence >= LIKELY:
        return "Likely right", "likely"
    return "Unsure: check the source", "unsure"
