"""Names of EMG channels: which muscle, which side, which strands of the model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from mint.core.tables import mint_columns, table

_SIDES = {
    **dict.fromkeys(("r", "right", "rt", "re", "rechts"), "r"),
    **dict.fromkeys(("l", "left", "lt", "li", "links"), "l"),
}
# Parts of a name that tell nothing of the muscle.
_WORDS = re.compile(
    r"(emg|semg|ch|channel|chan|sensor|voltage|volt|analog|analogue|raw|env|envelope|rms|filt|filtered|"
    r"processed|muscle|m|im|act|activation|v|mv|uv)?\d*"
)


@dataclass(frozen=True)
class Channels:
    """`known`: canonical name (`soleus_r`) to index, in the order of the file; `unknown` names with the reason."""

    known: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def channels_of(names: Sequence[str], side: str | None) -> Channels:
    """Find each name in `resources/emg_channels.csv`. `side` (r or l) is that of names that state none.

    A name that no row has, whose side nobody states, or that means what an earlier one means, is unknown.
    """
    out = Channels()
    for index, name in enumerate(names):
        muscle, own = _meaning(name)
        chosen = own or side
        if muscle is None:
            out.unknown.append(name)
        elif chosen not in ("r", "l"):
            out.unknown.append(f"{name} (no side: state emg_side)")
        elif f"{muscle}_{chosen}" in out.known:
            out.unknown.append(f"{name} (a second {muscle}_{chosen})")
        else:
            out.known[f"{muscle}_{chosen}"] = index
    return out


def strands_of(channel: str) -> list[str]:
    """Strands of the 402 under a channel such as `soleus_r`, as columns of `muscles_402`."""
    muscle, _, side = channel.rpartition("_")
    known = set(mint_columns())
    return [name for stem in _strands()[muscle] if (name := f"LU_{stem}_{side}") in known]


def _meaning(name: str) -> tuple[str | None, str]:
    """Muscle (None: unknown) and side ("": not stated) of a channel's name."""
    last = re.split(r"[|/:\\]", name)[-1]
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last)
    parts = [part for part in re.split(r"[^a-z0-9]+", spaced.lower()) if part]
    sides = [_SIDES[part] for part in (parts[0], parts[-1]) if part in _SIDES] if len(parts) > 1 else []
    if len(set(sides)) > 1:
        return None, ""
    rest = [part for part in parts if part not in _SIDES] if sides else parts
    rest = [part for part in rest if not _WORDS.fullmatch(part)] or rest
    word = "".join(rest)
    muscle = _synonyms().get(word)
    if muscle is not None or sides:
        return muscle, sides[0] if sides else ""
    # The side may stand before an abbreviation without anything between: RTA, LSOL.
    for start in ("right", "left", "r", "l"):
        if word.startswith(start) and word.removeprefix(start) in _synonyms():
            return _synonyms()[word.removeprefix(start)], _SIDES[start]
    return None, ""


@cache
def _strands() -> dict[str, list[str]]:
    rows = table("emg_channels")
    return {str(row.channel): str(row.strands).split() for row in rows.itertuples()}


@cache
def _synonyms() -> dict[str, str]:
    """Every known name in small letters, without separators and side, to its channel."""
    out: dict[str, str] = {}
    for row in table("emg_channels").itertuples():
        strands = str(row.strands).split()
        own = [*str(row.synonyms).split(), str(row.channel).replace("_", ""), *(strands if len(strands) == 1 else [])]
        out |= dict.fromkeys((name.lower() for name in own), str(row.channel))
    return out
