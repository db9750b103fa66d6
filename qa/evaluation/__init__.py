"""A dataset of questions in, quality figures and reports out. Imported by the shell and by benchmarks only."""

from qa.evaluation.dataset import Dataset, Question, read_dataset
from qa.evaluation.evaluate import Evaluation, evaluate
from qa.evaluation.figures import Figures, figures
from qa.evaluation.report import write_report

__all__ = [
    "Dataset",
    "Evaluation",
    "Figures",
    "Question",
    "evaluate",
    "figures",
    "read_dataset",
    "write_report",
]
