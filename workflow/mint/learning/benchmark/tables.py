"""Tables of the benchmark: what each is a row of, units and meaning of every column."""

from __future__ import annotations

from mint.dataset.schema import Column, TableSchema

_ENTRY = Column("entry", "text", "1", "network, ablation or floor (docs/learning/benchmark.md)")
_SEEDS = Column("seeds", "int", "1", "trainings, each from another seed, whose mean the numbers are", low=1)
_NUMBERS = (
    Column(
        "rmse",
        "float",
        "1",
        "root mean square difference of activations over windows, samples and muscles; null "
        "where none of them is simulated",
        nullable=True,
        low=0,
    ),
    Column(
        "pcc",
        "float",
        "1",
        "Pearson's correlation over the 28 samples of a window, mean over windows and muscles; "
        "muscles that do not move in a window have none; null where none moves",
        nullable=True,
        low=-1.000001,
        high=1.000001,
    ),
    Column(
        "pcc_paper", "float", "1", "the same as published: 28/27 of it, constant muscles count as zero", nullable=True
    ),
    Column("smape", "float", "%", "mean of |x - y| / ((|x| + |y|) / 2)", nullable=True, low=0, high=200.001),
    Column(
        "flat",
        "float",
        "1",
        "share of windows and muscles that move in the simulation and not in the prediction: they have no correlation",
        nullable=True,
        low=0,
        high=1,
    ),
)
_SPREAD = tuple(
    Column(
        f"{name}_sd",
        "float",
        "1" if name != "smape" else "%",
        f"standard deviation of {name} over seeds; null for one",
        nullable=True,
        low=0,
    )
    for name in ("rmse", "pcc", "pcc_paper", "smape")
)

RESULTS = TableSchema(
    "results",
    "an entry, a group of muscles and an action, in test windows",
    (
        _ENTRY,
        Column("muscles", "text", "1", "group of muscles: all, lower_body, trunk, or a subset of papers"),
        Column("action", "text", "1", "windows of this action or group of activities; empty: all windows"),
        Column("muscle_count", "int", "1", "muscles of the group that the dataset has", low=0),
        Column("windows", "int", "1", "windows", low=0),
        _SEEDS,
        *_NUMBERS,
        *_SPREAD,
    ),
    ("entry", "muscles", "action"),
)
MUSCLE_SCORES = TableSchema(
    "muscle_scores",
    "an entry and a muscle, in all test windows",
    (
        _ENTRY,
        Column("muscle", "text", "1", "column of the dataset"),
        _SEEDS,
        *_NUMBERS,
    ),
    ("entry", "muscle"),
)
TRAININGS = TableSchema(
    "trainings",
    "a training",
    (
        _ENTRY,
        Column("number", "int", "1", "number of its seed", low=0),
        Column("parameters", "int", "1", "numbers that were learned", low=0),
        Column("iterations", "int", "1", "iterations of training", low=0),
        Column(
            "best_iteration", "int", "1", "iteration with the least validation error, whose weights are used", low=0
        ),
        Column("val_rmse", "float", "1", "least validation error", nullable=True, low=0),
        Column("rmse", "float", "1", "of all muscles, in test windows", nullable=True, low=0),
        Column("pcc", "float", "1", "of all muscles, in test windows", nullable=True),
        Column("left_out", "text", "1", "why there is no result; empty if there is"),
    ),
    ("entry", "number"),
)
LEARNING = TableSchema(
    "learning_curves",
    "a look at a training",
    (
        _ENTRY,
        Column("number", "int", "1", "number of its seed", low=0),
        Column("iteration", "int", "1", "iterations done", low=0),
        Column(
            "loss",
            "float",
            "1",
            "mean of the training loss since the look before; another measure for each loss; null where it diverged",
            nullable=True,
        ),
        Column("val_rmse", "float", "1", "error in validation windows; null where it diverged", nullable=True, low=0),
    ),
    ("entry", "number", "iteration"),
)
FINETUNED = TableSchema(
    "finetuned",
    "a network trained further on measured EMG, or a floor, in judged windows",
    (
        _ENTRY,
        Column(
            "how",
            "text",
            "1",
            "outer: first and last layers of the trained network; all: everything of it; scratch: "
            "everything, not trained before; mean: mean EMG of channel and exercise, no network",
            allowed=("outer", "all", "scratch", "mean"),
        ),
        Column("exercise", "text", "1", "windows of this exercise or action; empty: all windows"),
        Column(
            "rmse",
            "float",
            "1",
            "root mean square difference, in raw units of MIA (it states none), or in shares of a "
            "person's largest envelope",
            low=0,
        ),
        Column(
            "pcc",
            "float",
            "1",
            "Pearson's correlation over the 28 samples of a window, mean over windows and "
            "channels; null where none moves",
            nullable=True,
            low=-1.000001,
            high=1.000001,
        ),
        Column("smape", "float", "%", "mean of |x - y| / ((|x| + |y|) / 2)", nullable=True, low=0, high=200.001),
        Column("windows", "int", "1", "windows", low=0),
        Column("trained_parameters", "int", "1", "numbers that were changed", low=0),
    ),
    ("entry", "how", "exercise"),
)
TABLES = (RESULTS, MUSCLE_SCORES, TRAININGS, LEARNING, FINETUNED)
