"""Muscle names of both models to MinT's 402 columns."""

from __future__ import annotations

import numpy as np
import pytest

from mint.core.tables import mint_columns, table
from mint.trunk.strands import to_mint


def test_quadratus_lumborum_that_differs_by_punctuation_finds_its_column() -> None:
    rows = table("muscles_402")
    differ = rows[
        rows["pose2sim_model"].notna()
        & (rows["region"] == "trunk")
        & (rows["pose2sim_model"] != rows["allaire_full_body_model"])
    ]
    assert len(differ) == 36
    assert differ["mint_column"].str.startswith("TL_QL").all()
    values = np.arange(36.0)[None]
    out = to_mint(list(differ["pose2sim_model"]), values, "trunk")
    columns = mint_columns()
    assert [out.values[0, columns.index(c)] for c in differ["mint_column"]] == list(values[0])


def test_pose2sim_has_198_trunk_strands_and_40_fascicles_without_a_column(pose2sim) -> None:
    trunk = pose2sim.muscles[80:]
    values = np.random.default_rng(0).random((2, len(trunk)))
    out = to_mint(trunk, values, "trunk")
    assert (len(trunk), len(out.present), len(out.extra_muscles)) == (238, 198, 40)
    assert np.isfinite(out.values).sum() == 2 * 198
    assert {name.split("_")[0] for name in out.extra_muscles} == {"LD", *(f"EO{i}" for i in range(1, 7))}
    assert out.extra_values[:, 0] == pytest.approx(values[:, trunk.index(out.extra_muscles[0])])
    legs = to_mint(pose2sim.muscles[:80], np.ones((1, 80)), "lower_limb")
    assert len(legs.present) == 80
    assert all(name.startswith("LU_") for name in legs.present)


def test_full402_fills_all_402_columns(full402) -> None:
    muscles = full402.muscles
    legs = to_mint(muscles, np.ones((1, len(muscles))), "lower_limb")
    trunk = to_mint(muscles, np.ones((1, len(muscles))), "trunk")
    assert (len(legs.present), len(trunk.present)) == (80, 322)
    assert np.isfinite(np.where(np.isfinite(legs.values), legs.values, trunk.values)).all()


def test_two_muscles_that_claim_one_column_are_refused() -> None:
    with pytest.raises(ValueError, match="QL"):
        rows = table("muscles_402").set_index("mint_column")
        row = next(r for c, r in rows.iterrows() if c.startswith("TL_QL") and isinstance(r["pose2sim_model"], str))
        to_mint([row["pose2sim_model"], row["allaire_full_body_model"]], np.ones((1, 2)), "trunk")
