"""Articles in, the store's next generation out: what is split and embedded anew, resumed, reported, watched.

`watch` is imported where it is needed.
"""

from index.building.builder import update
from index.building.progress import UNITS, Meter, OnProgress, Progress
from index.building.summary import BuildSummary

__all__ = ["UNITS", "BuildSummary", "Meter", "OnProgress", "Progress", "update"]
