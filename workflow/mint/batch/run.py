"""One stage for all members of a batch, member by member; a job that was stopped goes on where it was."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mint.batch.digest import combined, digest_of
from mint.batch.made import Made, notes_path, surroundings, trace_path
from mint.core.atomic import write_text
from mint.core.call import Server, Shared, module_of
from mint.core.joblog import redirect_to
from mint.core.methods import METHOD_VERSION
from mint.core.packages import versions_of
from mint.core.status import OF_THE_MOMENT, StageStatus

_LOOK_AGAIN_S = 0.5
_LARGE = 2**25  # bytes: 0.1 s to read
# A network file system shows a file late on another node, or its old content for a while.
PATIENCE_S = 90.0

Files = Mapping[str, "str | Sequence[str] | None"]
Compute = Callable[[Mapping[str, Any], Mapping[str, Any], Path], StageStatus]


@dataclass(frozen=True)
class Stage:
    """A stage of a batch: the function of a member, its configuration, and what all members share.

    `function` is `package.module:name`; it gets `arguments`, the files `shared`, `own` (below the member's folder) and
    `named` (by a key of the member), the member's `values` by argument name, `config` as (class, values), and `output`.
    Of `places`, caches, results do not depend; on `depends`, on the files `watched` and on the versions of `packages`
    (beside those of `mint.core.packages`) they do, although the function does not get them. Modules in `loads` are
    loaded once for all members, beside that of the function; `ahead` is called once with the files `shared`, `places`
    and `config`, and makes what all members need (`mint.core.ahead`). `compute` replaces the child process for a stage
    that runs in the job itself: (member, files, output) -> status.
    """

    name: str
    output: str
    function: str = ""
    config: tuple[str, Mapping[str, Any]] | None = None
    shared: Files = field(default_factory=dict)
    own: Files = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    depends: Mapping[str, Any] = field(default_factory=dict)
    watched: Sequence[str] = ()
    packages: Sequence[str] = ()
    loads: Sequence[str] = ()
    ahead: str = ""
    compute: Compute | None = None


def run_batch(
    stage: Stage,
    members: Sequence[Mapping[str, Any]],
    record: str | Path | None,
    *,
    results: str | Path,
    limits: Mapping[str, float],
    attempt: int = 1,
    log: str | Path | None = None,
    patience_s: float = PATIENCE_S,
    run: str = "",
    forced: bool = False,
) -> None:
    """Compute the stage for every member and write `record`, {member: [digest, status, fingerprint]} as JSON.

    A member has `name`, `folder` (below `results`) and what `stage.values` names. Its result is kept if it would come
    out again: made from the same inputs with the same method, configuration and packages, and still with the content
    it was written with. If the job is `forced`, only what this `run` has made is kept. Every other one is computed, in
    a child with deadline and memory of `limits`, and written as it finishes. One member never costs another; they share
    the loading of libraries and what is made ahead (`mint.core.call.Server`).
    """
    redirect_to(log)
    results = Path(results)
    digests = _Digests(results, patience_s)
    done: dict[str, list[str]] = {}
    kept = 0
    shared = Shared(stage.ahead, {**stage.shared, **stage.places}, stage.config) if stage.ahead else None
    with Server(module_of(stage.function), *stage.loads, shared=shared) as server:
        for member in members:
            made, fresh = _member(stage, member, results, limits, attempt, digests, run, forced, server)
            kept += not fresh
            status = made.status if made.status == "ok" else made.reason
            done[str(member["name"])] = [made.digest, status, made.fingerprint]
            print(
                f"{member['name']}: {made.status} {made.reason if made.reason != 'none' else ''}"
                f"{f'{made.wall_s:.1f} s' if fresh else '(kept)'}",
                flush=True,
            )
    print(f"{stage.name}: {len(members) - kept} computed, {kept} kept")
    if record is not None:
        write_text(record, json.dumps(done, indent=0))


def _member(
    stage: Stage,
    member: Mapping[str, Any],
    results: Path,
    limits: Mapping[str, float],
    attempt: int,
    digests: _Digests,
    run: str,
    forced: bool,
    server: Server,
) -> tuple[Made, bool]:
    """The trace of a member's result, and whether it was computed now."""
    folder = results / member["folder"]
    output = folder / stage.output
    files = {
        **stage.shared,
        **{name: _below(folder, file) for name, file in stage.own.items()},
        **{name: member[key] for name, key in stage.named.items()},
    }
    values = {**stage.arguments, **{name: member[key] for name, key in stage.values.items()}}
    inputs = {
        name: [[digests.relative(path), digests(path)] for path in _paths(file)]
        for name, file in {**files, "watched": stage.watched}.items()
    }
    method, config = METHOD_VERSION[stage.name], dict(stage.config[1]) if stage.config else {}
    packages = versions_of(stage.name, stage.packages)
    depends = [stage.name, method, config, values, {**inputs}, {"packages": packages, **stage.depends}]
    fingerprint = combined([json.dumps(_nameless(depends), sort_keys=True, default=str)])
    limits = {name: float(limit) for name, limit in limits.items()}
    before = Made.read(output)
    again = forced and before is not None and before.run != run
    if before is not None and not again and _holds(before, output, fingerprint):
        return before, False
    if again:
        notes_path(output).unlink(missing_ok=True)
    trace_path(output).unlink(missing_ok=True)
    started, clock, processor = datetime.now(UTC), time.monotonic(), _cpu_s(stage, server)
    log = results / "logs" / stage.name / f"{str(member['name']).replace('/', '_')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    if stage.compute is not None:
        status = stage.compute(member, files, output)
    else:
        status = server.call(
            stage.name,
            stage.function,
            {**files, **values, **stage.places},
            output,
            config=stage.config,
            deadline_s=limits["chunk_deadline_s"],
            memory_mb=limits["chunk_memory_mb"],
            log=log,
        ).status
    made = Made(
        stage.name,
        digest_of(output),
        fingerprint,
        method,
        config,
        values,
        inputs,
        status.status.value,
        status.reason.value,
        limits,
        wall_s=round(time.monotonic() - clock, 3),
        cpu_s=round(_cpu_s(stage, server) - processor, 3),
        started=started.isoformat(timespec="seconds"),
        ended=datetime.now(UTC).isoformat(timespec="seconds"),
        attempt=attempt,
        max_rss_mb=status.max_rss_mb if status.stage == stage.name else 0.0,
        run=run,
        **surroundings(),
    )
    made.write(output)
    return made, True


def _cpu_s(stage: Stage, server: Server) -> float:
    """Processor time of this process and of what computed so far: children of the server, or of a stage's `compute`."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    used = own.ru_utime + own.ru_stime
    if stage.compute is None:
        return used + server.cpu_s
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used + children.ru_utime + children.ru_stime


def _holds(made: Made, output: Path, fingerprint: str) -> bool:
    if made.fingerprint != fingerprint or not output.exists() or made.reason in OF_THE_MOMENT:
        return False
    return digest_of(output) == made.digest


def _nameless(depends: list[Any]) -> list[Any]:
    """The same with digests only: where a file lies does not make another result."""
    *head, inputs, further = depends
    return [*head, {name: [digest for _, digest in files] for name, files in inputs.items()}, further]


def _below(folder: Path, file: str | Sequence[str] | None) -> str | list[str] | None:
    if file is None or isinstance(file, str):
        # Normalised: `chunks/000/../../x` cannot be opened before there is a folder `000`.
        return os.path.normpath(folder / file) if file is not None else None
    return [os.path.normpath(folder / name) for name in file]


def _paths(file: str | Sequence[str] | None) -> list[str]:
    if not file:
        return []
    return [file] if isinstance(file, str) else list(file)


class _Digests:
    """Digests of input files, each read once; one that lags behind its trace is waited for."""

    def __init__(self, results: Path, patience_s: float) -> None:
        self._results, self._patience_s = results.resolve(), patience_s
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        if path not in self._known:
            self._known[path] = self._settled(Path(path))
        return self._known[path]

    def _remembered(self, path: Path) -> str:
        """Digest of a file; of large ones (body models) that of the last look, if size and time are still the same."""
        if path.is_dir() or path.stat().st_size < _LARGE:
            return digest_of(path)
        note = self._results / "cache" / "digests" / f"{combined([str(path.resolve())])[:16]}.json"
        stamp = [path.stat().st_size, path.stat().st_mtime_ns]
        try:
            seen = json.loads(note.read_text(encoding="utf-8"))
            if seen["stamp"] == stamp:
                return str(seen["digest"])
        except (OSError, ValueError, KeyError):
            pass
        digest = digest_of(path)
        write_text(note, json.dumps({"path": str(path), "stamp": stamp, "digest": digest}))
        return digest

    def relative(self, path: str) -> str:
        """The path below the results folder if it lies there."""
        try:
            return str(Path(path).resolve().relative_to(self._results))
        except ValueError:
            return path

    def _settled(self, path: Path) -> str:
        """Digest of a file, once it is there and is what its trace says. "" for one that never appears."""
        ends = time.monotonic() + self._patience_s
        while True:
            made = Made.read(path)
            try:
                found = self._remembered(path)
                if made is None or made.digest == found:
                    return found
            except OSError:
                found = ""
            if time.monotonic() > ends:
                return found
            time.sleep(_LOOK_AGAIN_S)
