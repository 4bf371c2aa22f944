"""Codebook and VQ-VAE against naive loops."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from mint.learning.networks.codebook import Codebook
from mint.learning.networks.vqvae import VqVae


def vectors(seed: int, count: int, width: int = 3) -> torch.Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def test_the_nearest_code_is_the_nearest_by_distance() -> None:
    book = Codebook(6, 3, 0.99)
    book.start(vectors(0, 6))
    given = vectors(1, 20)
    expected = [min(range(6), key=lambda k: float(((each - book.codes[k]) ** 2).sum())) for each in given]
    assert book.nearest(given.unflatten(0, (4, 5))).flatten().tolist() == expected


def test_codes_follow_the_moving_mean_and_unused_ones_are_reset() -> None:
    """Counts, sums and codes of three batches, code by code and vector by vector."""
    keep, count = 0.6, 4
    book = Codebook(count, 3, keep)
    first = vectors(0, 5)
    book.start(first)
    codes, sums, counts = [first[k] for k in range(count)], [first[k] for k in range(count)], [1.0] * count
    resets = 0
    for seed in range(3):
        batch = vectors(seed + 5, 5)
        index = book.nearest(batch)
        book.learn(batch, index)
        for k in range(count):
            own = [batch[i] for i in range(5) if index[i] == k]
            counts[k] = keep * counts[k] + (1 - keep) * len(own)
            sums[k] = keep * sums[k] + (1 - keep) * sum(own, torch.zeros(3))
            codes[k] = sums[k] / counts[k] if counts[k] >= 1 else batch[k]
            resets += counts[k] < 1
        assert torch.allclose(book.codes, torch.stack(codes), atol=1e-6)
        assert torch.allclose(book.sums, torch.stack(sums), atol=1e-6)
        assert torch.allclose(book.counts, torch.tensor(counts), atol=1e-6)
    assert 0 < resets < 3 * count


def test_codes_find_the_centres_of_clusters() -> None:
    centres = 20 * vectors(0, 5)
    book = Codebook(5, 3, 0.9)
    for seed in range(60):
        batch = (centres + vectors(seed + 1, 5)).repeat(4, 1) + 0.1 * vectors(seed + 99, 20)
        book.start(batch)
        book.learn(batch, book.nearest(batch))
    found = book.codes[book.nearest(centres)]
    assert (found - centres).norm(dim=1).max() < 1.0


def test_fewer_vectors_than_codes_begin_with_different_codes() -> None:
    torch.manual_seed(0)
    book = Codebook(10, 3, 0.99)
    given = vectors(0, 4)
    book.start(given)
    assert len(torch.unique(book.codes, dim=0)) == 10
    assert (book.codes[:4] - given).norm(dim=1).max() < 0.05


def test_a_codebook_begins_once() -> None:
    book = Codebook(4, 3, 0.99)
    book.start(vectors(0, 4))
    before = book.codes.clone()
    book.start(vectors(1, 4))
    assert torch.equal(book.codes, before)


def small() -> VqVae:
    torch.manual_seed(0)
    return VqVae(5, 3, width=8, code=6, codes=4)


def test_the_penalty_is_the_distance_from_the_codes_weighted() -> None:
    network = small().train()
    x = torch.randn(4, 8, 5)
    network(x)
    codes = network.codebook.codes.clone()
    network(x)
    latent = network.encoder(x.transpose(1, 2)).transpose(1, 2)
    assert latent.shape == (4, 2, 6)
    nearest = torch.cdist(latent.flatten(0, 1), codes).min(dim=1).values
    assert torch.isclose(network.penalty(), 0.02 * (nearest**2).mean() / 6, rtol=1e-4)


def test_the_gradient_passes_the_codebook_unchanged() -> None:
    """The encoder's gradient is the decoder's with respect to the codes that it was given."""
    network = small().train()
    network(torch.randn(4, 8, 5))
    network.eval()
    x = torch.randn(2, 8, 5)
    latent = network.encoder(x.transpose(1, 2)).transpose(1, 2).detach()
    codes = network.codebook.codes[network.codebook.nearest(latent)].requires_grad_()
    network.decoder(codes.transpose(1, 2)).square().sum().backward()
    latent = network.encoder(x.transpose(1, 2)).transpose(1, 2)
    latent.backward(codes.grad)
    expected = {name: value.grad.clone() for name, value in network.encoder.named_parameters()}
    network.zero_grad()
    network(x).square().sum().backward()
    for name, value in network.encoder.named_parameters():
        assert torch.allclose(value.grad, expected[name], atol=1e-5), name


def test_a_code_stands_for_four_frames_and_the_rest_is_continued_and_cut() -> None:
    network = small().train()
    network(torch.randn(4, 8, 5))
    network.eval()
    x = torch.randn(1, 10, 5)
    continued = torch.cat([x, x[:, -1:], x[:, -1:]], dim=1)
    assert torch.allclose(network(x), network(continued)[:, :10], atol=1e-6)


def test_decoder_and_encoder_are_those_of_the_reference() -> None:
    """Kernels, strides and dilations in order; frames are doubled before the convolution."""
    network = VqVae(5, 3, width=8, code=6, codes=4)

    def convolutions(part: torch.nn.Module) -> list[tuple[int, int, int]]:
        return [
            (each.kernel_size[0], each.stride[0], each.dilation[0])
            for each in part.modules()
            if isinstance(each, torch.nn.Conv1d)
        ]

    plain, blocks = (3, 1, 1), [(3, 1, 9), (1, 1, 1), (3, 1, 3), (1, 1, 1), (3, 1, 1), (1, 1, 1)]
    assert convolutions(network.encoder) == [plain, (4, 2, 1), *blocks, (4, 2, 1), *blocks, plain]
    assert convolutions(network.decoder) == [plain, *blocks, plain, *blocks, plain, plain, plain]
    doubled = network.decoder[2][3](torch.arange(6.0).view(1, 2, 3))
    assert torch.equal(doubled, F.interpolate(torch.arange(6.0).view(1, 2, 3), scale_factor=2, mode="nearest"))
