"""The traces of results as a graph: from a merged sequence back to motion file, model and marker adjustments."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from mint.batch.check import OUTPUT, SUBJECT_OUTPUT
from mint.batch.digest import digest_of
from mint.batch.made import Made
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.dataset.parquet import read_record
from mint.dataset.sequence_files import content_sha256

# What stage `scale` leaves in a subject's folder beside its own result.
BYPRODUCTS = ("scaled.osim", "leg.osim", "leg_model.json")
CHUNK_STAGES = ("markers", "ik", "support", "trajectory", "verify", "trunk")
_TYPES: dict[str, type | tuple[type, ...]] = {"str": str, "int": int, "float": (int, float), "dict": dict}
_STAGE_OF = {file: stage for stage, file in {**OUTPUT, **SUBJECT_OUTPUT}.items()}


class Kind(StrEnum):
    """What a node is: a result with its trace, another file that the same stage wrote, a file from outside, a result
    whose trace is missing, or the dataset's folder of a sequence."""

    RESULT = "result"
    BYPRODUCT = "byproduct"
    INPUT = "input"
    UNKNOWN = "unknown"
    DATASET = "dataset"


@dataclass(frozen=True)
class Node:
    """A file, named by its path below the results folder, or as it was given if it lies elsewhere.

    `digest` is the one in its trace; of a by-product that of the file now; of a file from outside the one it had when
    it was used last; of the dataset's folder none. `made` is the trace of a result; `files` are those of a folder.
    """

    path: str
    kind: Kind
    digest: str = ""
    made: Made | None = None
    files: tuple[str, ...] = ()

    @property
    def stage(self) -> str:
        """Stage that wrote it; empty for a file from outside."""
        if self.made is not None:
            return self.made.stage
        if self.kind is Kind.DATASET:
            return "dataset"
        return _STAGE_OF.get(PurePosixPath(self.path).name, "") if self.kind is Kind.UNKNOWN else ""

    @property
    def sequence(self) -> str:
        """Sequence of a result below `sequences/`; empty for others."""
        parts = PurePosixPath(self.path).parts
        return parts[1] if len(parts) > 2 and parts[0] == "sequences" else ""

    @property
    def chunk(self) -> int | None:
        """Chunk of a result below `chunks/`."""
        parts = PurePosixPath(self.path).parts
        return int(parts[3]) if len(parts) >= 5 and parts[2] == "chunks" and parts[3].isdigit() else None


@dataclass(frozen=True)
class Edge:
    """`target` was made from `source`: by a stage that got it as `argument` with `digest` (`used`), or beside it
    (`generated`). `stale`: the source is another one now, so that the target no longer follows from it."""

    source: str
    target: str
    kind: str
    argument: str
    digest: str = ""
    stale: bool = False


@dataclass(frozen=True)
class Ancestry:
    """Everything that a sequence was made from; nodes from the dataset backwards."""

    sequence: str
    nodes: dict[str, Node]
    edges: list[Edge]

    @property
    def stale(self) -> list[Edge]:
        """Broken links."""
        return [edge for edge in self.edges if edge.stale]

    @property
    def unknown(self) -> list[Node]:
        """Results without a trace."""
        return [node for node in self.nodes.values() if node.kind is Kind.UNKNOWN]

    @property
    def motion(self) -> Node | None:
        """The motion file of the sequence."""
        return next(
            (
                self.nodes[edge.source]
                for edge in self.edges
                if edge.target == result_path("validate", self.sequence) and edge.argument == "path"
            ),
            None,
        )

    @property
    def scales(self) -> list[Node]:
        """Traces of the subject's scaled model."""
        return [node for node in self.nodes.values() if node.stage == "scale" and node.made is not None]

    @property
    def models(self) -> list[Node]:
        """Model files that the subject's model was scaled from."""
        scales = {node.path for node in self.scales}
        return [
            self.nodes[edge.source] for edge in self.edges if edge.target in scales and edge.argument == "model_osim"
        ]

    @property
    def adjustments(self) -> list[dict[str, Any]]:
        """Marker adjustments in force, rows `marker, dx_mm, dy_mm, dz_mm`."""
        made = [node.made for node in self.scales if node.made is not None]
        return [row for scale in made for row in scale.values.get("adjustments") or []]


def result_path(stage: str, sequence: str, chunk: int | None = None) -> str:
    """Path of a result of a sequence or chunk below the results folder."""
    folder = f"sequences/{sequence}" if chunk is None else f"sequences/{sequence}/chunks/{chunk:03d}"
    return f"{folder}/{OUTPUT[stage]}"


def dataset_folders(results: str | Path) -> dict[str, str]:
    """Folder of each sequence in the dataset, below the results folder; empty where there is no dataset."""
    try:
        rows = pd.read_parquet(Path(results) / "dataset" / "intervals.parquet", columns=["sequence_id", "data_path"])
    except Exception:
        # Damaged Parquet raises whatever its decoder raises.
        return {}
    return {str(name): f"dataset/{path}" for name, path in zip(rows["sequence_id"], rows["data_path"], strict=True)}


@dataclass
class Traces:
    """Traces of a results folder, each read once: those of a subject belong to many sequences."""

    results: Path
    _nodes: dict[str, Node] = field(default_factory=dict)

    def node(self, path: str) -> Node:
        """The node of a file; `digest` is empty for one from outside."""
        if path not in self._nodes:
            self._nodes[path] = self._read(path)
        return self._nodes[path]

    def forget_sequences(self) -> None:
        """Forget the nodes of sequences and keep those of subjects and files from outside."""
        self._nodes = {path: node for path, node in self._nodes.items() if not path.startswith("sequences/")}

    def _read(self, path: str) -> Node:
        parts = PurePosixPath(path).parts
        ours = len(parts) > 2 and parts[0] in ("sequences", "subjects")
        if ours and parts[0] == "subjects" and parts[-1] in BYPRODUCTS:
            try:
                return Node(path, Kind.BYPRODUCT, digest_of(self.results / path))
            except OSError:
                return Node(path, Kind.BYPRODUCT)
        made = Made.read(self.results / path)
        if made is not None and _sound(made):
            return Node(path, Kind.RESULT, made.digest, made)
        return Node(path, Kind.UNKNOWN if ours and parts[-1] in _STAGE_OF else Kind.INPUT)


def _sound(made: Made) -> bool:
    """Whether every fact of a trace has its type: a trace can be damaged and still be JSON."""
    return all(isinstance(getattr(made, fact.name), _TYPES[str(fact.type).partition("[")[0]]) for fact in fields(made))


def used(made: Made) -> Iterator[tuple[str, str, str]]:
    """Argument, path and digest of every file that a result was made from; what is damaged in the trace is skipped."""
    for argument, files in made.inputs.items():
        for entry in files if isinstance(files, list) else ():
            if isinstance(entry, list) and len(entry) == 2:
                yield str(argument), str(entry[0]), str(entry[1])


def ancestry(results: str | Path, sequence: str, traces: Traces | None = None, folder: str | None = None) -> Ancestry:
    """Ancestry of a sequence from its traces, and of its `folder` in the dataset if there is one.

    Reads traces, the models of the subject, and with `folder` the merged sequence; files from outside are not read. A
    missing or damaged trace is a node of kind `unknown` without ancestors, never an exception.
    """
    traces = traces or Traces(Path(results))
    root = result_path("merge", sequence)
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    if folder is not None and (traces.results / folder).is_dir():
        files = tuple(sorted(path.name for path in (traces.results / folder).iterdir() if path.is_file()))
        nodes[folder] = Node(folder, Kind.DATASET, files=files)
        edges.append(Edge(root, folder, "used", "sequence", stale=not _follows(traces.results, folder, root)))
    waiting = deque([root])
    while waiting:
        path = waiting.popleft()
        if path in nodes:
            continue
        node = nodes[path] = traces.node(path)
        if node.kind is Kind.BYPRODUCT:
            maker = f"{path.rpartition('/')[0]}/{SUBJECT_OUTPUT['scale']}"
            edges.append(Edge(maker, path, "generated", ""))
            waiting.append(maker)
        if node.made is not None:
            for argument, source, digest in used(node.made):
                edges.append(Edge(source, path, "used", argument, digest))
                waiting.append(source)
    return Ancestry(sequence, *_judged(nodes, edges))


def _judged(nodes: dict[str, Node], edges: list[Edge]) -> tuple[dict[str, Node], list[Edge]]:
    """The same with digests of files from outside, and with the broken links marked.

    A file that has no trace of its own, or is gone, is what it was when it was used last.
    """
    latest: dict[str, tuple[str, str]] = {}
    for edge in edges:
        user = nodes[edge.target].made
        if edge.kind == "used" and user is not None:
            latest[edge.source] = max(latest.get(edge.source, ("", "")), (str(user.ended), edge.digest))
    nodes = {
        path: node
        if node.digest or path not in latest
        else Node(path, node.kind, latest[path][1], node.made, node.files)
        for path, node in nodes.items()
    }
    return nodes, [
        edge
        if not edge.digest or edge.digest == nodes[edge.source].digest
        else Edge(edge.source, edge.target, edge.kind, edge.argument, edge.digest, stale=True)
        for edge in edges
    ]


def _follows(results: Path, folder: str, merged: str) -> bool:
    """Whether the dataset's tables were written from the merged sequence as it is now; True where nothing tells."""
    try:
        record = read_record(results / folder / "muscle_activations.parquet")
        return bool(record["input_sha256"]["merged_sequence"] == content_sha256(Bundle.read(results / merged)))
    except (OSError, ValueError, KeyError, TypeError, StageError):
        return True
