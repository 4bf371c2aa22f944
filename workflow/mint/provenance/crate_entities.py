"""Entities of the crate: files, folders, software. Written once each, in order, an entity a line."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import Any
from urllib.parse import quote

from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

import mint
from mint.batch.made import Made
from mint.dataset.sequence_files import file_sha256
from mint.provenance.table import meaning_digest
from mint.provenance.trace import Traces

# A term of the run crates that the context of RO-Crate 1.1 lacks.
_TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
_HOMES = {
    "python": "https://www.python.org/",
    "snakemake": "https://snakemake.github.io/",
    "numpy": "https://numpy.org/",
    "scipy": "https://scipy.org/",
    "opensim": "https://opensim.stanford.edu/",
    "casadi": "https://web.casadi.org/",
    "daqp": "https://github.com/darnstrom/daqp",
    "clarabel": "https://clarabel.org/",
    "torch": "https://pytorch.org/",
    "smplx": "https://smpl-x.is.tue.mpg.de/",
}
_FORMATS = {
    ".parquet": "application/vnd.apache.parquet",
    ".osim": "application/xml",
    ".npz": "application/zip",
    ".smk": "text/x-python",
    ".py": "text/x-python",
    ".trc": "text/tab-separated-values",
}
_BYTES = "application/octet-stream"
_TOOL = "#software-mint-"

Reference = dict[str, str]


class Crate:
    """A crate in the making. Of the library only entities and context are used: it would copy every file it lists."""

    def __init__(self, results: Path, hash_files: bool) -> None:
        self.results, self.hash_files, self.traces = results, hash_files, Traces(results)
        self.crate = ROCrate(version="1.1")
        # The library's own search reads all entities for each name that is new.
        self._known: set[str] = set()
        self.crate.metadata.extra_terms.update(_TERMS)

    @property
    def root(self) -> Any:
        """The crate's own entity."""
        return self.crate.root_dataset

    def add(self, name: str, kind: str | list[str], /, **properties: Any) -> Reference:
        """An entity, made once; properties without a value are left out."""
        if name not in self._known:
            self._known.add(name)
            given = {
                key: value[0] if isinstance(value, list) and len(value) == 1 else value
                for key, value in properties.items()
                if value not in ("", None, [])
            }
            self.crate.add(ContextEntity(self.crate, name, {"@type": kind, **given}))
        return {"@id": name}

    def file(self, path: str, *, kind: str | list[str] = "File", **properties: Any) -> Reference:
        """A file of the results folder."""
        form = _FORMATS.get(PurePosixPath(path).suffix) or mimetypes.guess_type(path)[0] or _BYTES
        return self.add(quote(path), kind, name=PurePosixPath(path).name, encodingFormat=form, **properties)

    def hashed(self, path: str, **properties: Any) -> Reference:
        """A file of the results folder with its SHA-256."""
        wanted = self.hash_files and quote(path) not in self._known
        digest = file_sha256(self.results / path) if wanted else None
        return self.file(path, sha256=digest, **properties)

    def source(self, path: str, digest: str) -> Reference:
        """A file that was used: part of the crate if it lies in it, else only named."""
        if not PurePath(path).is_absolute() and (self.results / path).is_file():
            return self.file(path, sha256=digest)
        # Folders above AMASS's own three levels tell about a machine, not about the motion.
        name = "/".join(PurePosixPath(path).parts[-3:]) if PurePath(path).is_absolute() else path
        return self.add(f"#file-{digest[:16] or quote(name, safe='')}", "CreativeWork", name=name, sha256=digest)

    def folder(self, path: str, parts: Sequence[Reference] = (), **properties: Any) -> Reference:
        """A folder of the results folder with its files, after other `parts`."""
        place = self.results / path
        names = sorted(file.name for file in place.iterdir() if file.is_file()) if place.is_dir() else []
        return self.add(
            f"{quote(path)}/",
            "Dataset",
            name=PurePosixPath(path).name,
            **properties,
            hasPart=[*parts, *(self.hashed(f"{path}/{name}") for name in names)],
        )

    def tool(self, made: Made) -> Reference:
        """The software that made a result: this package at a commit, with what it needs."""
        needs = [
            self.add(
                f"#software-{name}-{quote(version)}",
                "SoftwareApplication",
                name=name,
                url=_HOMES.get(name),
                softwareVersion=version,
            )
            for name, version in sorted(made.packages.items())
            if name != "mint-workflow"
        ]
        version = made.packages.get("mint-workflow", mint.__version__)
        digest = meaning_digest({**made.packages, "commit": made.commit})
        return self.add(
            f"{_TOOL}{digest[:16]}",
            "SoftwareApplication",
            name="mint",
            softwareRequirements=needs,
            softwareVersion=f"{version} at commit {made.commit}" if made.commit else version,
        )

    def tools(self) -> list[Reference]:
        """All that `tool` has added."""
        return [{"@id": entity.id} for entity in self.crate.get_entities() if entity.id.startswith(_TOOL)]

    def loose_files(self) -> list[Reference]:
        """Files that are in no folder of the crate."""
        held: set[str] = set()
        for entity in self.crate.get_entities():
            parts = entity.properties().get("hasPart", [])
            held |= {part["@id"] for part in (parts if isinstance(parts, list) else [parts])}
        files = [entity.id for entity in self.crate.get_entities() if entity.type == "File"]
        return [{"@id": name} for name in files if name not in held]

    def text(self) -> str:
        """JSON-LD, an entity a line."""
        content = self.crate.metadata.generate()
        lines = [
            json.dumps(entity, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            for entity in content["@graph"]
        ]
        return f'{{"@context":{json.dumps(content["@context"])},\n"@graph":[\n' + ",\n".join(lines) + "\n]}\n"
