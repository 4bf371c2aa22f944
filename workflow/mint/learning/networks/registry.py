"""All networks, in the order of the paper's tables, then ours: where they come from, their sizes, how to make one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mint.core.status import Reason, StageError
from mint.learning.networks.fconv import FConv
from mint.learning.networks.lstm import Lstm
from mint.learning.networks.mamba import Mamba
from mint.learning.networks.network import Network
from mint.learning.networks.ours import Ours
from mint.learning.networks.transformer import Transformer
from mint.learning.networks.vqvae import VqVae

Preset = Literal["paper", "small"]
_PAPER = "Schneider et al. 2024, Muscles in Time, section 5"


@dataclass(frozen=True)
class Model:
    """A network of the table.

    `source`: paper and section; `file`: where its published structure was read in simplexsigil/motion2muscle at
    e440c8c8; `parameters`: their number with the preset `paper` for 263 features and 402 muscles; `small`: settings of
    the preset `small`, of 180,000 to 300,000 parameters each, which trains in minutes on one core. The preset `paper`
    is the defaults of a network: the published ones, and the full size of ours.
    """

    network: type[Network]
    source: str
    file: str
    parameters: int
    small: Mapping[str, Any]


MODELS: dict[str, Model] = {
    each.network.name: each
    for each in (
        Model(Lstm, _PAPER, "models/m2m_lstm.py", 12_499_858, {"width": 64, "depth": 2}),
        Model(FConv, f"{_PAPER}; Gehring et al. 2017", "models/m2m_convs2s.py", 13_202_834, {"width": 96, "depth": 6}),
        Model(
            Transformer,
            f"{_PAPER}; Vaswani et al. 2017, section 3",
            "models/m2m_transformer.py",
            8_945_042,
            {"width": 80, "depth": 2, "heads": 4},
        ),
        Model(
            Mamba,
            f"{_PAPER}; Dao and Gu 2024, section 7",
            "models/m2m_mamba.py",
            14_372_114,
            {"width": 80, "depth": 2, "state": 16, "head": 32},
        ),
        # Fewer codes: a batch of 32 windows has 224 vectors, and a code with less than one of them is reset.
        Model(
            VqVae,
            f"{_PAPER}; Zhang et al. 2023, section 3.1",
            "models/vqvae.py",
            5_565_842,
            {"width": 48, "code": 128, "codes": 64},
        ),
        Model(Ours, "this workflow", "", 2_210_210, {"width": 80, "depth": 2}),
    )
}


def build(name: str, preset: Preset, features: int, muscles: int, **settings: Any) -> Network:
    """A network that has learned nothing yet; `settings` replace those of the preset.

    Raises `StageError` for a name or preset that is not there, and TypeError for a setting that the network lacks.
    """
    if name not in MODELS:
        raise StageError(Reason.FIELD_VALUE, f"network {name!r} is unknown", remedy=f"name one of {', '.join(MODELS)}")
    if preset not in ("paper", "small"):
        raise StageError(Reason.FIELD_VALUE, f"preset {preset!r} of {name} is unknown", remedy="name paper or small")
    model = MODELS[name]
    return model.network(features, muscles, **{**(model.small if preset == "small" else {}), **settings})
