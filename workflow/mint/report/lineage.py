"""Where values come from, for the page: the ancestries of the shown sequences as one graph, each shared fact once."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mint.batch.made import Made
from mint.core.chunks import BUFFER_FRAMES
from mint.provenance.trace import Ancestry, Traces, ancestry, dataset_folders

# Facts of a trace that hundreds of nodes have alike; the others are a node's own.
_SHARED = {"stage", "config", "values", "status", "reason", "limits", "host", "cpu", "job", "commit", "packages"}
_MADE = [fact.name for fact in fields(Made) if fact.name not in ("inputs", "digest")]


def lineage_payload(results: str | Path, sequences: Sequence[str]) -> dict[str, Any]:
    """Nodes of the ancestry of each of `sequences`; JSON-able.

    A node has `path`, `kind`, `digest`, `made` (values of the `facts`, those of `shared` names as indices into
    `values`) and `inputs`, each `[argument, node, digest when it was used if it is another one now]`; the argument is
    an index into `values`, or null for a file that its node wrote as well. `roots` are the nodes to start from.
    """
    graph = _Graph()
    traces, folders = Traces(Path(results)), dataset_folders(results)
    roots = [graph.add(ancestry(results, name, traces, folders.get(name))) for name in sequences]
    return {
        "facts": _MADE,
        "shared": sorted(_SHARED),
        "values": graph.values,
        "nodes": graph.nodes,
        "roots": roots,
        "seam_frames": BUFFER_FRAMES,
    }


@dataclass
class _Graph:
    nodes: list[dict[str, Any]] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)
    _known: dict[str, int] = field(default_factory=dict)

    def add(self, found: Ancestry) -> int:
        """Add what is new of an ancestry; the index of its first node."""
        new = [path for path in found.nodes if path not in self._places]
        for path in new:
            self._places[path] = len(self.nodes)
            node = found.nodes[path]
            made = [self._value(name, getattr(node.made, name)) for name in _MADE] if node.made is not None else None
            given = {
                "path": path,
                "kind": node.kind.value,
                "digest": node.digest,
                "made": made,
                "files": list(node.files),
            }
            self.nodes.append({name: value for name, value in given.items() if value})
        for edge in found.edges:
            if edge.target in new:
                argument = self._value("stage", edge.argument) if edge.kind == "used" else None
                link = [argument, self._places[edge.source], *([edge.digest or "?"] if edge.stale else [])]
                self.nodes[self._places[edge.target]].setdefault("inputs", []).append(link)
        return self._places[next(iter(found.nodes))]

    def _value(self, name: str, value: Any) -> Any:
        value = _plain(value)
        if name not in _SHARED:
            return value
        key = json.dumps(value, sort_keys=True)
        if key not in self._known:
            self._known[key] = len(self.values)
            self.values.append(value)
        return self._known[key]


def _plain(value: Any) -> Any:
    """The same as JSON allows it: numbers that are none become text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
