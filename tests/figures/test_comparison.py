"""Numbers of the figure that holds the simulation against measurements."""

from __future__ import annotations

import pytest

from mint.config.figures import FiguresConfig
from mint.figures import comparison
from mint.figures.figure import NoData
from tests.figures.factory import Dataset

CONFIG = FiguresConfig()


def test_each_person_has_median_and_quartiles_over_stances_channels_and_coordinates(dataset: Dataset) -> None:
    for number, name in enumerate("abcde"):
        dataset.add(name)
        dataset.compare(name, 0.01 * (number + 1), 10.0 * number, 0.2 * number, number)
    dataset.add("other", subject="s2")
    dataset.compare("other", 0.07, 30.0, 0.9, 12.0)
    dataset.forces.append(
        {
            **dataset.forces[-1],
            "start_s": 90.0,
            "left_out": "cut",
            "vertical_rmse_bw": None,
            "cop_fore_aft_rmse_mm": None,
        }
    )
    drawn = comparison.make(dataset.read(), CONFIG)
    rows = {(row["subject"], row["measure"], row["of"]): row for row in drawn.rows}
    force = rows["s1", "force", "vertical"]
    assert (force["count"], force["unit"]) == (5, "% body weight")
    assert [force[key] for key in ("low_quartile", "median", "high_quartile")] == pytest.approx([2, 3, 4])
    assert rows["s1", "centre of pressure", "fore-aft"]["median"] == pytest.approx(20)
    assert rows["s1", "EMG", "soleus"]["count"] == 5, "both sides together"
    assert rows["s2", "joint moment", "ankle_angle"]["median"] == 12.0
    assert rows["s2", "force", "vertical"]["count"] == 1, "what is left out is not counted"
    assert "6 stances on force plates, " in drawn.caption and "of a person (2)" in drawn.caption
    dataset.forces[0]["given"] = True
    assert "6 stances on force plates (1 of them given" in comparison.make(dataset.read(), CONFIG).caption


def test_each_person_is_named_once_even_without_force_plates(dataset: Dataset) -> None:
    for name, subject in (("a", "s1"), ("b", "s2")):
        dataset.add(name, subject=subject)
        dataset.compare(name, 0.05, 10.0, 0.5, 10.0)
    dataset.forces = dataset.forces[:1]
    plot = comparison.make(dataset.read(), CONFIG).plot
    assert sorted(trace.name for trace in plot.data if trace.showlegend) == ["KIT s1", "KIT s2"]


def test_without_measurements_the_figure_says_so(dataset: Dataset) -> None:
    dataset.add("a")
    with pytest.raises(NoData, match="force plates"):
        comparison.make(dataset.read(), CONFIG)
