"""A dataset of questions in, quality figures and reports out. Imported by the shell and by benchmarks only."""

from qa.evaluation.dataset import Dataset, Gold, Question, covers, read_dataset
from qa.evaluation.evaluate import RANK_DEPTH, Evaluation, evaluate, gold_hit, gold_rank, hits_without_article
from qa.evaluation.figures import Figures, figures
from qa.evaluation.figures_text import cells, table, to_json
from qa.evaluation.metrics import RIGHT_F1, Figure, auroc, contains_gold, ece, exact_match, f1, measure_mean
from qa.evaluation.report import write_report

__all__ = [
    "RANK_DEPTH",
    "RIGHT_F1",
    "Dataset",
    "Evaluation",
    "Figure",
    "Figures",
    "Gold",
    "Question",
    "auroc",
    "cells",
    "contains_gold",
    "covers",
    "ece",
    "evaluate",
    "exact_match",
    "f1",
    "figures",
    "gold_hit",
    "gold_rank",
    "hits_without_article",
    "measure_mean",
    "read_dataset",
    "table",
    "to_json",
    "write_report",
]
