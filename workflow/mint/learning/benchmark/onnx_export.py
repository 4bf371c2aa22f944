"""A model as ONNX: features as they are in, activations out, in one graph that any runtime reads."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import onnx
import torch
from torch import nn

from mint.core.atomic import atomic_path
from mint.learning.benchmark.examples import FARTHEST
from mint.learning.benchmark.model import Model
from mint.learning.data.windows import LENGTH

OPSET = 18


class Whole(nn.Module):
    """Scaling and network together: features (B, 28, D) as they are, to activations (B, 28, C) in [0, 1]."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.network = model.network
        self.mean: torch.Tensor
        self.inverse: torch.Tensor
        self.register_buffer("mean", torch.from_numpy(model.scale.mean))
        # What did not vary in training has an infinite spread: it counts nothing.
        self.register_buffer("inverse", 1.0 / torch.from_numpy(model.scale.spread))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Activations of windows."""
        scaled = ((features - self.mean) * self.inverse).clamp(-FARTHEST, FARTHEST)
        return torch.as_tensor(self.network(scaled)).clamp(0.0, 1.0)


def export(model: Model, path: Path) -> None:
    """Write `model.onnx`: input `features (batch, 28, D)` float32, output `activations (batch, 28, C)`; any batch."""
    example = torch.zeros(2, LENGTH, len(model.scale.mean))
    batch = torch.export.Dim("batch", min=1)
    with atomic_path(path) as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # It warns of packages that it would know, and that this one does not use.
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            Whole(model).eval(),
            (example,),
            str(temporary),
            input_names=["features"],
            output_names=["activations"],
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            dynamic_shapes={"features": {0: batch}},
            verbose=False,
        )
        onnx.checker.check_model(str(temporary))
