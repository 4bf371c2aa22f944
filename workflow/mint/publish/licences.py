"""Whose data, models and software a release was made with, under which licences, and whether its own licence fits.

Facts come from `resources/licences.csv`, `models.csv` and `data_wheels.csv`, what a licence asks for from
`licence_terms.csv`. What nobody has stated counts as non-commercial.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from mint.core.tables import table
from mint.publish.markdown import listing

# Their sources are needed by every release, whatever is in it.
_ALWAYS = ("mint-workflow", "MinT")
_ANNOTATIONS = "BABEL"
_UNKNOWN = "*"
_OWN_TERMS = "LicenseRef-"
_KINDS = {
    "dataset": "motion",
    "library": "motion library",
    "body": "body model",
    "annotations": "annotations",
    "software": "software",
    "method": "method",
    "model": "musculoskeletal model",
    "wheel": "raw material",
}


@dataclass(frozen=True)
class Source:
    """Something that a release was made with; `stated` says where its licence is stated, `known` is False for a dataset
    whose licence nobody has stated, `commercial` is None for a method, which has no licence."""

    kind: str
    name: str
    title: str
    licence: str
    commercial: bool | None
    address: str
    demands: str
    citation: str
    note: str
    stated: str
    needs: tuple[str, ...] = ()
    known: bool = True


def sources(datasets: Iterable[str], model: str, annotated: bool = False) -> list[Source]:
    """Everything behind a release of `datasets` that was computed with `model`, each once: motion first.

    `annotated`: labels or splits of BABEL are inside. Raises ValueError for a name that no table has (a fault of the
    tables, not of the data).
    """
    waiting = [("dataset", name) for name in sorted(set(datasets))] + [("model", model)]
    waiting += [("", name) for name in (*([_ANNOTATIONS] if annotated else []), *_ALWAYS)]
    found: dict[tuple[str, str], Source] = {}
    while waiting:
        kind, name = waiting.pop(0)
        source = _source(kind, name)
        if (source.kind, source.name) not in found:
            found[source.kind, source.name] = source
            waiting += [("", need) for need in source.needs]
    order = list(_KINDS)
    return sorted(found.values(), key=lambda source: order.index(source.kind))


def of_amass(dataset: str) -> bool:
    """Whether a dataset is one of AMASS, or may be; its labels then are BABEL's."""
    return "AMASS" in _source("dataset", dataset).needs


def warnings(found: Sequence[Source]) -> list[str]:
    """One line for each dataset whose licence nobody has stated, with the remedy."""
    return [
        f"the licence of dataset {source.name!r} is not known: it is treated as non-commercial and as part of "
        "AMASS; add a row to resources/licences.csv"
        for source in found
        if not source.known
    ]


def require_fitting(licence: str, found: Sequence[Source]) -> None:
    """Raise ValueError if a release licence allows commercial use that a source does not allow.

    Licences for non-commercial use are those with NC in their identifier, and own terms (`LicenseRef-...`), whose text
    is up to who publishes.
    """
    if "NC" in licence.upper().split("-") or licence.startswith(_OWN_TERMS):
        return
    strict = [f"{source.title} ({source.licence})" for source in found if source.commercial is False]
    if strict:
        raise ValueError(
            f"publish.licence: {licence} allows commercial use, but the release is made with "
            f"{', '.join(strict)}: set a licence for non-commercial use (CC-BY-NC-4.0), or own terms "
            f"({_OWN_TERMS}<name>)"
        )


def licence_address(licence: str) -> str:
    """Where the text of a licence is; own terms are their name."""
    return licence if licence.startswith(_OWN_TERMS) else f"https://spdx.org/licenses/{licence}.html"


def licences_text(licence: str, found: Sequence[Source]) -> str:
    """`LICENCES.md`: the release's licence, then every source with what it asks for."""
    strict = any(source.commercial is False for source in found)
    lines = [
        "# Licences",
        "",
        f"This release is under {licence} ({licence_address(licence)}). Whoever uses it must "
        "also keep to the terms of its sources, which may ask for more.",
        "",
        "Some of them allow **non-commercial use only**, which therefore holds for the whole release."
        if strict
        else "None of them forbids commercial use.",
    ]
    for text in warnings(found):
        lines += ["", f"**Warning:** {text}"]
    for source in found:
        facts = {
            "what": _KINDS[source.kind],
            "licence": source.licence,
            "commercial use": _commercial(source),
            "terms": source.address,
            "asks for": source.demands,
            "cite": source.citation,
            "note": source.note,
            "stated in": source.stated,
        }
        lines += ["", f"## {source.title}", "", *listing(facts)]
    return "\n".join(lines) + "\n"


def _commercial(source: Source) -> str:
    return "" if source.commercial is None else "allowed" if source.commercial else "not allowed"


def _source(kind: str, name: str) -> Source:
    rows = table("licences").fillna("")
    mine = rows[(rows["name"] == name) & ((rows["kind"] == kind) | (kind == ""))]
    if len(mine):
        return _from_row(mine.iloc[0], name)
    if kind == "dataset":
        unknown = rows[(rows["kind"] == kind) & (rows["name"] == _UNKNOWN)].iloc[0]
        return _from_row(unknown, name, known=False)
    models, wheels = table("models").fillna(""), table("data_wheels").fillna("")
    for rows, key, of_kind in ((models, "model", "model"), (wheels, "name", "wheel")):
        mine = rows[rows[key] == name]
        if len(mine) and kind in ("", of_kind):
            row = mine.iloc[0]
            title = f"model {name}" if of_kind == "model" else f"{name} {row['version']}: {row['what']}"
            # A wheel may have another licence for what is not used of it, which follows in brackets.
            return _made(
                of_kind,
                name,
                title,
                str(row["licence"]).split(" ")[0],
                "",
                str(row.get("credits", "")),
                "",
                str(row["source"]),
            )
    raise ValueError(f"no licence for {kind or 'source'} {name!r}: add a row to resources/licences.csv")


def _from_row(row: pd.Series[str], name: str, known: bool = True) -> Source:
    needs = tuple(need for need in row["needs"].split(";") if need)
    return _made(
        row["kind"],
        name,
        row["title"] or name,
        row["licence"],
        row["address"],
        row["citation"],
        row["note"],
        row["source"],
        needs,
        known,
    )


def _made(
    kind: str,
    name: str,
    title: str,
    licence: str,
    address: str,
    citation: str,
    note: str,
    stated: str,
    needs: tuple[str, ...] = (),
    known: bool = True,
) -> Source:
    terms = table("licence_terms").fillna("").set_index("licence")
    if not licence:
        return Source(kind, name, title, "", None, address, "", citation, note, stated, needs, known)
    if licence not in terms.index:
        return Source(
            kind, name, title, licence, False, address, "read its terms", citation, note, stated, needs, known
        )
    row = {key: str(value) for key, value in terms.loc[licence].items()}
    return Source(
        kind,
        name,
        title,
        licence,
        row["commercial"] == "yes",
        address or row["address"],
        row["demands"],
        citation,
        note,
        stated,
        needs,
        known,
    )
