"""One contract for every network: shapes, gaps of noise, determinism, state, gradient, devices, ONNX, sizes."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional as F

from mint.core.status import StageError
from mint.learning.networks.network import Network, parameter_count
from mint.learning.networks.registry import MODELS, build
from mint.learning.training import arrays_of, load_arrays, reproducible
from mint.learning.weights import load_weights, write_weights

ALL = pytest.mark.parametrize("name", list(MODELS))
FEATURES, MUSCLES = 11, 7


def random(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def made(name: str, seed: int = 0) -> Network:
    with reproducible(seed):
        return build(name, "small", FEATURES, MUSCLES)


def trained(name: str, steps: int = 4) -> Network:
    """A network after a few steps, in eval mode: all weights have moved, and a codebook has codes."""
    network = made(name)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    with reproducible(1):
        for i in range(steps):
            loss = F.smooth_l1_loss(network.train()(random(i, 5, 28, FEATURES)), random(i + 50, 5, 28, MUSCLES))
            optimizer.zero_grad()
            (loss + network.penalty()).backward()
            optimizer.step()
    return network.eval()


def out(network: Network, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return network(x)


@ALL
def test_every_frame_of_every_window_gets_finite_activations(name: str) -> None:
    network = trained(name)
    for batch, length in ((1, 28), (3, 28), (2, 4), (2, 5), (1, 30), (2, 101)):
        for training in (True, False):
            found = network.train(training)(random(0, batch, length, FEATURES))
            assert found.shape == (batch, length, MUSCLES) and torch.isfinite(found).all(), (batch, length, training)


@ALL
def test_a_window_is_judged_alone_and_always_the_same(name: str) -> None:
    network = trained(name)
    x = random(0, 4, 28, FEATURES)
    found = out(network, x)
    assert torch.equal(found, out(network, x))
    assert torch.allclose(out(network, x[1:2]), found[1:2], atol=1e-5)
    assert not torch.allclose(found[0], found[1], atol=1e-4)
    others = torch.cat([10 * random(1, 1, 28, FEATURES), x[1:]])
    assert torch.allclose(out(network, others)[1:], found[1:], atol=1e-5)


@ALL
def test_one_seed_makes_one_network_and_one_training(name: str) -> None:
    first, again, other = arrays_of(made(name)), arrays_of(made(name)), arrays_of(made(name, 1))
    assert all(np.array_equal(first[key], again[key]) for key in first)
    assert any(not np.array_equal(first[key], other[key]) for key in first)
    one, two = arrays_of(trained(name)), arrays_of(trained(name))
    assert all(np.array_equal(one[key], two[key]) for key in one)


@ALL
def test_a_network_from_a_file_is_the_same_bit_for_bit(name: str, tmp_path: Path) -> None:
    network, again = trained(name), made(name, 1).eval()
    write_weights(tmp_path / "w.safetensors", arrays_of(network), "digest")
    load_arrays(again, load_weights(tmp_path / "w.safetensors"))
    x = random(0, 2, 28, FEATURES)
    assert torch.equal(out(network, x), out(again, x))


@ALL
def test_a_network_is_copied_whole_in_the_middle_of_training(name: str) -> None:
    network = trained(name)
    network.train()(random(0, 2, 28, FEATURES))
    x = random(1, 2, 28, FEATURES)
    assert torch.equal(out(copy.deepcopy(network).eval(), x), out(network.eval(), x))


@ALL
def test_judging_changes_nothing(name: str) -> None:
    network = trained(name)
    before = arrays_of(network)
    out(network, 5 * random(0, 3, 28, FEATURES))
    after = arrays_of(network)
    assert all(np.array_equal(before[key], after[key]) for key in before)


@ALL
def test_the_gradient_reaches_every_parameter(name: str) -> None:
    network = made(name).train()
    reached = dict.fromkeys(dict(network.named_parameters()), False)
    with reproducible(3):
        for i in range(3):
            network.zero_grad()
            (
                F.mse_loss(network(random(i, 4, 28, FEATURES)), random(i + 50, 4, 28, MUSCLES)) + network.penalty()
            ).backward()
            for key, value in network.named_parameters():
                reached[key] |= value.grad is not None and bool((value.grad != 0).any())
    assert all(reached.values()), [key for key, any_at in reached.items() if not any_at]


@ALL
def test_a_network_learns_one_batch_by_heart(name: str) -> None:
    """Activations that are a smooth function of the features: error falls below a quarter of their variance."""
    network = made(name).train()
    x = random(0, 8, 28, FEATURES).cumsum(1) / 5
    y = torch.sigmoid(x[..., :MUSCLES])
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    with reproducible(0):
        for _ in range(120):
            optimizer.zero_grad()
            (F.mse_loss(network(x), y) + network.penalty()).backward()
            optimizer.step()
    assert F.mse_loss(out(network.eval(), x), y) < 0.25 * y.var()


@ALL
def test_only_the_vqvae_has_a_penalty(name: str) -> None:
    network = made(name).train()
    assert network.penalty().shape == () and network.penalty() == 0
    network(random(0, 2, 28, FEATURES))
    assert (network.penalty() > 0) == (name == "vqvae")


@ALL
def test_noise_is_for_training_only(name: str) -> None:
    network = trained(name)
    x = random(0, 2, 28, FEATURES)
    assert torch.equal(out(network, x), out(network, x))
    if name != "vqvae":  # its codebook learns between the two
        assert torch.equal(out(network.train(), x), out(network, x)) != (name in ("transformer", "ours"))


@ALL
def test_fine_tuning_changes_both_ends_and_leaves_what_is_between(name: str) -> None:
    network = build(name, "small", FEATURES, MUSCLES, **({} if name == "vqvae" else {"depth": 12}))
    values = dict(network.named_parameters())
    outer = network.outer_parameters()
    assert set(outer) < set(values) and len(set(outer)) == len(outer)
    assert any(FEATURES in values[key].shape for key in outer) and any(MUSCLES in values[key].shape for key in outer)
    chosen = sum(values[key].numel() for key in outer)
    assert chosen < 0.5 * parameter_count(network)


def test_outer_parameters_of_the_published_transformer_are_the_published_share() -> None:
    """Muscles in Time, A.5: some 8 % of the weights, with eight channels as output."""
    network = build("transformer", "paper", 263, 8)
    values = dict(network.named_parameters())
    share = sum(values[key].numel() for key in network.outer_parameters()) / parameter_count(network)
    assert share == pytest.approx(0.085, abs=0.001)


@ALL
def test_the_table_states_the_number_of_parameters(name: str) -> None:
    assert parameter_count(build(name, "paper", 263, 402)) == MODELS[name].parameters


def test_published_sizes_are_counted_by_hand() -> None:
    """From the structures of the paper's code, layer by layer."""
    inputs, outputs = 263, 402

    def conv(given: int, width: int, kernel: int) -> int:
        return given * width * kernel + width

    lstm = (
        conv(inputs, 256, 3) + 2 * 4 * 256 * (256 + 256 + 2) + 7 * 2 * 4 * 256 * (512 + 256 + 2) + conv(512, outputs, 1)
    )
    fconv = conv(inputs, 512, 3) + 16 * conv(512, 512, 3) + 2 * 512 + conv(512, outputs, 1)
    layer = 4 * conv(256, 256, 1) + conv(256, 512, 1) + conv(512, 256, 1) + 2 * 2 * 256
    transformer = conv(inputs, 256, 3) + 16 * layer + conv(256, outputs, 3)
    mixer = 512 * (2 * 1024 + 2 * 128 + 16) + 1280 * (4 + 1) + 3 * 16 + 1024 + 1024 * 512
    mamba = conv(inputs, 512, 3) + 8 * (512 + mixer) + 512 + conv(512, outputs, 1)
    residual = 3 * (conv(256, 256, 3) + conv(256, 256, 1))
    encoder = conv(inputs, 256, 3) + 2 * (conv(256, 256, 4) + residual) + conv(256, 512, 3)
    decoder = conv(512, 256, 3) + 2 * (residual + conv(256, 256, 3)) + conv(256, 256, 3) + conv(256, outputs, 3)
    by_hand = {"lstm": lstm, "fconv": fconv, "transformer": transformer, "mamba": mamba, "vqvae": encoder + decoder}
    assert {name: MODELS[name].parameters for name in by_hand} == by_hand


def test_small_networks_are_of_one_budget() -> None:
    """Ours has no more weights than the transformer that it is compared with."""
    size = {name: parameter_count(build(name, "small", 263, 402)) for name in MODELS}
    assert all(180_000 < each < 300_000 for each in size.values()), size
    assert size["ours"] <= size["transformer"]


def test_the_order_of_tables_is_the_papers_then_ours() -> None:
    assert list(MODELS) == ["lstm", "fconv", "transformer", "mamba", "vqvae", "ours"]
    assert all(model.source and model.network.name == name for name, model in MODELS.items())


def test_an_unknown_network_or_preset_is_told_with_what_there_is() -> None:
    with pytest.raises(StageError, match="lstmm") as told:
        build("lstmm", "small", 4, 4)
    assert "transformer" in told.value.remedy
    with pytest.raises(StageError, match="large"):
        build("lstm", "large", 4, 4)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        build("lstm", "small", 4, 4, heads=2)


@ALL
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_onnx_gives_the_same_for_any_batch(name: str, tmp_path: Path) -> None:
    network = trained(name)
    batch = torch.export.Dim("batch", min=1, max=4096)
    torch.onnx.export(
        network,
        (random(0, 2, 28, FEATURES),),
        tmp_path / "m.onnx",
        opset_version=18,
        dynamo=True,
        input_names=["x"],
        output_names=["y"],
        dynamic_shapes=({0: batch},),
        verbose=False,
    )
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    for size in (1, 2, 5):
        x = random(size, size, 28, FEATURES)
        (found,) = session.run(None, {"x": x.numpy()})
        assert np.abs(found - out(network, x).numpy()).max() < 1e-4


@ALL
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_gpu_and_cpu_agree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    network, x = trained(name), random(0, 4, 28, FEATURES)
    on_gpu = copy.deepcopy(network).cuda()
    assert torch.allclose(out(on_gpu, x.cuda()).cpu(), out(network, x), atol=1e-4)
