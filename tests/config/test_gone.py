"""A key that was a setting once is refused with what stands for it, wherever it is written."""

from __future__ import annotations

import pytest

from mint.config.gone import GONE
from mint.config.project import ProjectConfig, load_project
from mint.config.trajectory import TrajectoryConfig, TrajectorySection
from mint.config.verify import SolutionLimits
from tests.conftest import ROOT


@pytest.mark.parametrize("key", GONE)
def test_a_key_that_is_no_setting_any_more_is_refused_with_what_stands_for_it(key: str) -> None:
    assert key not in TrajectorySection.model_fields
    with pytest.raises(ValueError, match=rf"config: trajectory\.{key}: no setting any more") as error:
        load_project({"trajectory": {key: 1}})
    assert GONE[key] in str(error.value)
    with pytest.raises(ValueError, match=rf"config: rescue\.attempts\.0\.{key}: no setting any more"):
        load_project({"rescue": {"attempts": [{"name": "x", "settings": {key: 1}}]}})


def test_what_stands_for_a_key_is_there() -> None:
    """Settings and files that messages name."""
    for text in GONE.values():
        for word in text.replace(",", " ").replace(";", " ").split():
            if word.startswith(("verify.", "trajectory.")):
                section, key = word.split(".")
                assert key in type(getattr(ProjectConfig(), section)).model_fields
            if word.endswith(".py"):
                assert (ROOT / word).is_file()


def test_other_unknown_keys_are_refused_as_before() -> None:
    for values in ({"trajectory": {"softly": 1}}, {"verify": {"accept_rms_deg": 1}}, {"accept_rms_deg": 1}):
        with pytest.raises(ValueError, match="Extra inputs are not permitted"):
            load_project(values)


def test_limits_of_solutions_are_those_that_the_verification_judges_by() -> None:
    """No solution that meets its own limits is beyond one of the verification, whatever a project sets there."""
    for factor in (1.0, 0.4, 3.0):
        verified = SolutionLimits(**{key: factor * value for key, value in SolutionLimits().model_dump().items()})
        config = TrajectoryConfig(verified=verified)
        for own, limit in (
            (config.max_deviation_deg, verified.tracking_max_deg),
            (config.accept_rms_deg, verified.tracking_rms_deg),
            (config.accept_rms_m, verified.tracking_rms_m),
            (config.penetration_max_m, verified.penetration_m),
            (config.accept_reserve_percent, verified.reserve_percent),
        ):
            assert 0.85 * limit < own < limit
        assert config.penetration_soft_m < config.penetration_max_m
        assert config.weak_reserve_percent < config.reserve_limit_percent < config.accept_reserve_percent


def test_margins_are_those_that_the_limits_were_chosen_with() -> None:
    config = TrajectoryConfig()
    assert (config.max_deviation_deg, config.accept_rms_deg, config.accept_rms_m) == (9.0, 2.8, 0.019)
    assert (config.penetration_soft_m, config.penetration_max_m) == (0.027, 0.0295)
    assert (config.weak_reserve_percent, config.reserve_limit_percent, config.accept_reserve_percent) == (3.5, 4.0, 4.5)


def test_limits_of_the_verification_are_set_in_its_own_section_only() -> None:
    with pytest.raises(ValueError, match="verified: Extra inputs are not permitted"):
        load_project({"trajectory": {"verified": {"penetration_m": 0.02}}})
    with pytest.raises(ValueError, match="verified: Extra inputs are not permitted"):
        load_project({"rescue": {"attempts": [{"name": "x", "settings": {"verified": {}}}]}})
