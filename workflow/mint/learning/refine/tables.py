"""Tables of the refinement: what each is a row of, units and meaning of every column."""

from __future__ import annotations

from mint.dataset.schema import Column, TableSchema
from mint.learning.refine.gait import FOLDED, WHOLE

_METHOD = Column("method", "text", "1", "what refines (docs/learning/refinement.md)")
_CHANNEL = Column("channel", "text", "1", "channel of the EMG, without side")
_PERSON = Column("person", "text", "1", "who was left out of what was learned")
_LOW = Column(
    "ci_low",
    "float",
    "1",
    "lower end of its 95 % confidence interval over people (Student's t); null for one person",
    nullable=True,
)
_HIGH = Column("ci_high", "float", "1", "upper end", nullable=True)

CYCLES = TableSchema(
    "cycles",
    "a gait cycle with EMG that was looked at",
    (
        Column("sequence_id", "text", "1", "sequence, or pair, it is from"),
        Column("person", "text", "1", "who moves"),
        Column("side", "text", "1", "side of the foot and of the electrodes", allowed=("r", "l")),
        Column("start_s", "float", "s", "strike of the foot; null where none was found", nullable=True),
        Column("duration_s", "float", "s", "of the cycle", nullable=True, low=0),
        Column(
            "kind",
            "text",
            "1",
            "whole: from strike to strike; folded: put together from a stretch as long as a stride",
            allowed=(WHOLE, FOLDED),
        ),
        Column("left_out", "text", "1", "why it is not used; empty if it is"),
    ),
)
SCORES = TableSchema(
    "scores",
    "a method, a channel and a person",
    (
        _METHOD,
        _CHANNEL,
        _PERSON,
        Column("cycles", "int", "1", "cycles of the person, whose mean the numbers are", low=1),
        Column(
            "rmse",
            "float",
            "1",
            "root mean square difference of refined and measured, 1 being the person's largest envelope",
            low=0,
        ),
        Column(
            "r",
            "float",
            "1",
            "Pearson's correlation over the cycle; null where one does not vary",
            nullable=True,
            low=-1.000001,
            high=1.000001,
        ),
        Column(
            "peak_ms",
            "float",
            "ms",
            "between the refined and the measured peak, the shorter way round, without sign",
            low=0,
        ),
    ),
    ("method", "channel", "person"),
)
IMPROVEMENT = TableSchema(
    "improvement",
    "a method and a channel, compared with another method over people",
    (
        _METHOD,
        _CHANNEL,
        Column("over", "text", "1", "the method it is compared with"),
        Column("people", "int", "1", "people who were left out, one after the other", low=1),
        Column("rmse", "float", "1", "mean of its errors over people", low=0),
        Column("r", "float", "1", "mean correlation over people", nullable=True, low=-1.000001, high=1.000001),
        Column("peak_ms", "float", "ms", "mean difference of peaks over people", low=0),
        Column(
            "improvement",
            "float",
            "1",
            "mean over people of (rmse - rmse of the other) / rmse of the other; negative is better",
        ),
        _LOW,
        _HIGH,
    ),
    ("method", "channel", "over"),
)
TUKEY = TableSchema(
    "conditions",
    "two conditions of STDR-Net and a channel: Tukey's honestly significant difference",
    (
        _CHANNEL,
        Column("first", "text", "1", "condition"),
        Column("second", "text", "1", "condition"),
        Column(
            "difference", "float", "1", "mean improvement over the simulation of the first minus that of the second"
        ),
        _LOW,
        _HIGH,
        Column("p", "float", "1", "of no difference, corrected for all three comparisons", low=0, high=1),
    ),
    ("channel", "first", "second"),
)
SHORTCUT = TableSchema(
    "shortcut",
    "a method and a channel under inputs of changed frequency and phase",
    (
        _METHOD,
        _CHANNEL,
        Column("inputs", "int", "1", "changed inputs, over all people", low=2),
        Column(
            "change",
            "float",
            "1",
            "mean change of the error over that of the simulation; positive: worse than the "
            "simulation, as it should be of a method that refines its input",
        ),
        Column(
            "p",
            "float",
            "1",
            "of a t-test of the person means against zero; null for one person",
            nullable=True,
            low=0,
            high=1,
        ),
        Column(
            "own_change",
            "float",
            "1",
            "mean change of the error over that of the same method with the input as it is: "
            "about zero of a method that does not need its input",
        ),
        Column(
            "own_p", "float", "1", "of a t-test of the person means of that against zero", nullable=True, low=0, high=1
        ),
    ),
    ("method", "channel"),
)
LEARNING = TableSchema(
    "learning_curve",
    "a method and a channel, learned from so many people",
    (
        _METHOD,
        _CHANNEL,
        Column("people", "int", "1", "people it learned from", low=1),
        Column("rmse", "float", "1", "mean error on people left out", low=0),
    ),
    ("method", "channel", "people"),
)
TABLES = (SCORES, IMPROVEMENT, TUKEY, SHORTCUT, LEARNING)
