"""One contract for every way of refining: shapes, gaps, determinism, state, people apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mint.config.refine import RefineConfig
from mint.learning.refine.controls import GainDelay, MeanEmg, PacedEmg
from mint.learning.refine.cycles import Cycles
from mint.learning.refine.method import left_out_in_turn
from mint.learning.refine.registry import METHODS, method
from mint.learning.refine.stdr import QUARTERS, STDR, AllEntire, OneEntire, OneQuarter, StdrNet
from mint.learning.training import Schedule, tensor, train
from mint.learning.weights import load_weights, read_weights, write_weights
from tests.learning.conftest import made_up

ALL = pytest.mark.parametrize("name", list(METHODS))


@ALL
def test_learns_from_some_and_refines_others(name: str, cycles: Cycles, config: RefineConfig) -> None:
    learned = method(name, config)
    learned.fit(cycles.without("p0"), 1, cycles.of(["p0"]))
    refined = learned.refined(cycles.of(["p0"]))
    assert refined.shape == cycles.of(["p0"]).own.shape and np.isfinite(refined).all() and (refined >= 0).all()


@ALL
def test_two_runs_give_the_same_numbers_whatever_was_drawn_before(
    name: str, cycles: Cycles, config: RefineConfig
) -> None:
    refined = []
    for before in range(2):
        torch.manual_seed(before)
        np.random.seed(before)  # noqa: NPY002, what others draw from
        learned = method(name, config)
        learned.fit(cycles.without("p0"), 7)
        refined.append(learned.refined(cycles.of(["p0"])))
    assert np.array_equal(*refined)


@ALL
def test_a_state_in_a_file_is_the_method_again(name: str, cycles: Cycles, config: RefineConfig, tmp_path: Path) -> None:
    learned, again = method(name, config), method(name, config)
    learned.fit(cycles, 1)
    write_weights(tmp_path / "w.safetensors", learned.state(), "digest")
    again.restore(load_weights(tmp_path / "w.safetensors"))
    assert (
        np.abs(learned.refined(cycles) - again.refined(cycles)).max() < 1e-12
        and again.parameters() == learned.parameters()
    )
    assert read_weights(tmp_path / "w.safetensors", "another digest") is None


@ALL
def test_a_channel_that_a_trial_lacks_leaves_the_others_alone(name: str, cycles: Cycles, config: RefineConfig) -> None:
    measured = cycles.measured.copy()
    measured[3, :, 1] = np.nan
    learned, otherwise = method(name, config), method(name, config)
    learned.fit(replace(cycles, measured=measured), 1)
    refined = learned.refined(cycles)
    assert np.isfinite(refined).all()
    # What stands in the other samples of a channel that lacks one does not matter.
    partly = cycles.measured.copy()
    partly[3, :, 1] = 99.0
    partly[3, 5, 1] = np.nan
    otherwise.fit(replace(cycles, measured=partly), 1)
    assert np.allclose(otherwise.refined(cycles), refined, atol=1e-6)


@ALL
def test_a_channel_that_nobody_has_costs_nothing_but_itself(name: str, cycles: Cycles, config: RefineConfig) -> None:
    measured = cycles.measured.copy()
    measured[..., 2] = np.nan
    learned = method(name, config)
    learned.fit(replace(cycles, measured=measured), 1)
    assert np.isfinite(learned.refined(cycles)).all()


def test_gain_and_delay_are_recovered_within_ten_milliseconds(cycles: Cycles, config: RefineConfig) -> None:
    learned = GainDelay(config)
    learned.fit(cycles, 0)
    assert learned.delay_s == pytest.approx([-0.05] * 3, abs=0.01) and learned.gain == pytest.approx(
        [0.5] * 3, abs=0.02
    )


def test_the_mean_emg_is_of_people_not_of_trials(config: RefineConfig) -> None:
    cycles = made_up(people=2, trials=2).rows([True, True, True, False])
    learned = MeanEmg(config)
    learned.fit(cycles, 0)
    assert learned.curve == pytest.approx((cycles.measured[:2].mean(axis=0) + cycles.measured[2]) / 2)


def test_pace_scales_the_mean_emg(config: RefineConfig) -> None:
    cycles = made_up(people=6)
    curve = cycles.measured[0]
    paced = replace(cycles, measured=curve * (1 + 2 * (cycles.pace() + 0.05))[:, None, None])
    learned = PacedEmg(config)
    learned.fit(paced.without("p0"), 0)
    held = paced.of(["p0"])
    plain = MeanEmg(config)
    plain.fit(paced.without("p0"), 0)
    errors = [np.abs(each.refined(held) - held.measured).mean() for each in (learned, plain)]
    assert errors[0] < 0.5 * errors[1]


def inputs_of_some(kind: type, cycles: Cycles, config: RefineConfig) -> torch.Tensor:
    return kind(config).tokens(cycles)


@pytest.mark.parametrize("kind", STDR)
def test_the_gradient_reaches_every_parameter_of_every_channel(
    kind: type, cycles: Cycles, config: RefineConfig
) -> None:
    tokens = inputs_of_some(kind, cycles, config)
    network = StdrNet(3, tokens.shape[3], 5, 20)
    network(tokens).square().sum().backward()
    for name, value in network.named_parameters():
        assert value.grad is not None and (value.grad.flatten(1).abs().amax(dim=1) > 0).all(), name


def test_networks_side_by_side_do_not_see_each_other(cycles: Cycles, config: RefineConfig) -> None:
    """A channel learns the same whatever the others learn."""
    out = []
    for factor in (1.0, 3.0):
        measured = cycles.measured.copy()
        measured[..., 1:] *= factor
        learned = OneEntire(config)
        learned.fit(replace(cycles, measured=measured), 3)
        out.append(learned.refined(cycles))
    assert np.allclose(out[0][..., 0], out[1][..., 0], atol=1e-6) and not np.allclose(
        out[0][..., 1], out[1][..., 1], atol=1e-3
    )


def test_attention_is_a_share_over_time_or_muscles(cycles: Cycles, config: RefineConfig) -> None:
    for kind, tokens in ((OneEntire, 20), (AllEntire, 6)):
        learned = kind(config)
        learned.fit(cycles, 0)
        _, share = learned.attended(cycles)
        assert share.shape == (len(cycles), 3, 20, tokens) and share.sum(axis=3) == pytest.approx(1, abs=1e-5)


def test_a_quarter_sees_only_itself(cycles: Cycles, config: RefineConfig) -> None:
    learned = OneQuarter(config)
    learned.fit(cycles, 0)
    own = cycles.own.copy()
    own[:, 15:] = 0.9
    before, after = learned.refined(cycles), learned.refined(replace(cycles, own=own))
    assert np.array_equal(before[:, :15], after[:, :15]) and not np.allclose(before[:, 15:], after[:, 15:])
    assert learned.network is not None and learned.network.samples == 20 // QUARTERS


def test_the_published_preset_has_the_published_size(cycles: Cycles) -> None:
    """Encoder, decoder, score, combination, output of hidden 700: counted by hand."""
    h, width = 700, 20

    def lstm(given: int) -> int:
        return 4 * h * (given + h + 1)

    assert StdrNet(1, width, h, 20).hidden == h
    assert sum(p.numel() for p in StdrNet(1, width, h, 20).parameters()) == (
        lstm(width) + lstm(1 + h) + h * (h + 1) + h * (2 * h + 1) + h + 1
    )


def test_many_samples_take_fewer_epochs_and_the_published_preset_all() -> None:
    assert [Schedule(300, 64, 1e-3, 3000).epochs_of(n) for n in (18, 64, 640, 6400)] == [300, 300, 300, 30]
    assert Schedule(700, 1, 1e-3).epochs_of(10_000) == 700


def test_of_many_people_groups_are_left_out() -> None:
    many = left_out_in_turn([f"p{i:02d}" for i in range(25)])
    assert len(many) == 10 and sorted(name for group in many for name in group) == [f"p{i:02d}" for i in range(25)]
    assert left_out_in_turn(["a", "b"]) == [["a"], ["b"]] and left_out_in_turn(["a"]) == []


def test_training_lowers_the_error_and_tells_it(cycles: Cycles) -> None:
    torch.manual_seed(0)
    network = StdrNet(3, 1, 8, 20)
    target, weight = tensor(cycles.measured.transpose(2, 0, 1)), torch.ones(3, len(cycles))
    tokens = tensor(cycles.own.transpose(2, 0, 1)[..., None])
    seen = train(network, tokens, target, weight, Schedule(120, 64, 1e-2), (tokens, target, weight))
    assert len(seen["epoch"]) <= 61 and seen["epoch"][-1] == 120 and seen["train"].shape[1] == 3
    assert (seen["train"][-1] < 0.5 * seen["train"][0]).all() and np.allclose(seen["train"], seen["watched"])
