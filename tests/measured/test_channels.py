"""Names of EMG channels: one table of synonyms, sides from names or from the sequence table, nothing guessed."""

from __future__ import annotations

from collections import Counter

import pytest

from mint.core.tables import mint_columns, table
from mint.measured.channels import channels_of, strands_of

SCHREIBER = [
    "R_tibialis_anterior",
    "R_soleus",
    "R_gastrocnemius_medialis",
    "R_vastus_medialis",
    "R_rectus_femoris",
    "R_semitendinosus",
    "R_gluteus_maximus",
    "R_gluteus_medius",
]
HAMNER = {
    "SOL": "soleus",
    "GASLAT": "gastrocnemius_lateralis",
    "GASMED": "gastrocnemius_medialis",
    "TA": "tibialis_anterior",
    "SM": "semimembranosus",
    "BFLH": "biceps_femoris",
    "VL": "vastus_lateralis",
    "VM": "vastus_medialis",
    "RF": "rectus_femoris",
    "GMAX": "gluteus_maximus",
    "GMED": "gluteus_medius",
}
MOCO = {
    "soleus": "soleus",
    "gastrocnemius": "gastrocnemius",
    "tibialis_anterior": "tibialis_anterior",
    "medial_hamstrings": "medial_hamstrings",
    "biceps_femoris": "biceps_femoris",
    "vastus_lateralis": "vastus_lateralis",
    "vastus_medius": "vastus_medialis",
    "rectus_femoris": "rectus_femoris",
    "gluteus_maximus": "gluteus_maximus",
    "gluteus_medius": "gluteus_medius",
}
FALISSE = {
    "Hamstrings-lateralis": "biceps_femoris",
    "Tibialis-anterior": "tibialis_anterior",
    "Peroneus-longus": "peroneus_longus",
    "Gastrocnemius-lateralis": "gastrocnemius_lateralis",
    "Hamstrings-medialis": "medial_hamstrings",
    "Soleus": "soleus",
    "Vastus-lateralis": "vastus_lateralis",
    "Vastus-medialis": "vastus_medialis",
    "Gluteus-medialis": "gluteus_medius",
    "Rectus-femoris": "rectus_femoris",
    "Peroneus-brevis": "peroneus_brevis",
    "Gastrocnemius-medialis": "gastrocnemius_medialis",
    "Adductor-longus": "adductor_longus",
    "Tensor-fasciae-latae": "tensor_fasciae_latae",
}


def test_channels_of_collections_are_all_known() -> None:
    assert list(channels_of(SCHREIBER, None).known) == [name.removeprefix("R_") + "_r" for name in SCHREIBER]
    for names in (HAMNER, MOCO, FALISSE):
        found = channels_of(list(names), "l")
        assert list(found.known) == [f"{muscle}_l" for muscle in names.values()] and not found.unknown


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("R_Soleus", "soleus_r"),
        ("SOL_L", "soleus_l"),
        ("left SOL", "soleus_l"),
        ("LSOL", "soleus_l"),
        ("RRF", "rectus_femoris_r"),
        ("Soleus Right", "soleus_r"),
        ("EMG1 R TA", "tibialis_anterior_r"),
        ("Voltage.L_GASTROC_MED", "gastrocnemius_medialis_l"),
        ("Bob:RVL", "vastus_lateralis_r"),
        ("M. vastus lateralis re", "vastus_lateralis_r"),
        ("RightTibialisAnterior", "tibialis_anterior_r"),
        ("bflh_r", "biceps_femoris_r"),
        ("GLMED_L", "gluteus_medius_l"),
        ("LG_R", "gastrocnemius_lateralis_r"),
        ("RMG", "gastrocnemius_medialis_r"),
        ("L.BicepsFemoris", "biceps_femoris_l"),
    ],
)
def test_a_side_in_the_name_counts(name: str, channel: str) -> None:
    for side in (None, "r", "l"):
        assert list(channels_of([name], side).known) == [channel]


def test_what_cannot_be_told_is_named_and_left() -> None:
    found = channels_of(["Sync", "R_GM", "soleus", "R_SOL", "soleus_r", "R_TA_L", "", "EMG 3"], None)
    assert found.known == {"soleus_r": 3}
    assert found.unknown == [
        "Sync",
        "R_GM",
        "soleus (no side: state emg_side)",
        "soleus_r (a second soleus_r)",
        "R_TA_L",
        "",
        "EMG 3",
    ]
    assert channels_of(["LG", "LG_L"], "r").known == {"gastrocnemius_lateralis_r": 0, "gastrocnemius_lateralis_l": 1}


def test_every_channel_has_strands_on_both_sides_and_no_synonym_means_two() -> None:
    rows = table("emg_channels")
    columns = set(mint_columns())
    meanings: Counter[str] = Counter()
    for row in rows.itertuples():
        for side in "rl":
            strands = strands_of(f"{row.channel}_{side}")
            assert len(strands) == len(str(row.strands).split()) and set(strands) <= columns
            assert all(strand.endswith(f"_{side}") for strand in strands)
        own = str(row.strands).lower().split()
        names = {*str(row.synonyms).split(), str(row.channel).replace("_", ""), *(own if len(own) == 1 else [])}
        assert all(name == name.lower() and name.isalnum() for name in names), row.channel
        meanings.update(names)
    assert [name for name, count in meanings.items() if count > 1] == []
    assert strands_of("gastrocnemius_r") == ["LU_gasmed_r", "LU_gaslat_r"] and strands_of("soleus_l") == ["LU_soleus_l"]
