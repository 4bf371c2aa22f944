"""The official validator of RO-Crates, without a network: the JSON-LD context it would fetch is put into its cache."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from urllib3 import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_SCHEMA_TERMS = (
    "CreateAction",
    "CreativeWork",
    "ComputerLanguage",
    "Dataset",
    "HowTo",
    "HowToStep",
    "Person",
    "PropertyValue",
    "SoftwareApplication",
    "SoftwareSourceCode",
    "about",
    "actionStatus",
    "agent",
    "alternateName",
    "datePublished",
    "description",
    "encodingFormat",
    "endTime",
    "error",
    "hasPart",
    "identifier",
    "instrument",
    "license",
    "mainEntity",
    "mentions",
    "name",
    "object",
    "position",
    "programmingLanguage",
    "propertyID",
    "result",
    "softwareRequirements",
    "softwareVersion",
    "startTime",
    "step",
    "url",
    "value",
    "version",
    "workExample",
)
# What the crate uses of the context of RO-Crate 1.1: the validator reports every other term as unknown.
TERMS = {
    **{term: f"http://schema.org/{term}" for term in _SCHEMA_TERMS},
    "File": "http://schema.org/MediaObject",
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
}


class _Canned(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        assert request.url == CONTEXT
        body = io.BytesIO(json.dumps({"@context": TERMS}).encode())
        return self.build_response(
            request, HTTPResponse(body, {"Content-Type": "application/ld+json"}, 200, preload_content=False)
        )


def issues(crate: Path, cache: Path, profile: str, severity: str = "REQUIRED") -> list[str]:
    """What the validator finds wrong: `requirement: message (entity)`; raises if it cannot run."""
    session = CachedSession(str(cache), backend="sqlite", expire_after=-1)
    session.mount("https://", _Canned())
    session.get(CONTEXT)
    session.close()
    report = cache.with_name("report.json")
    command = [
        str(Path(sys.executable).with_name("rocrate-validator")),
        "--no-interactive",
        "validate",
        "--profile-identifier",
        profile,
        "--no-auto-profile",
        "--requirement-severity",
        severity,
        "--offline",
        "--cache-path",
        str(cache),
        "--output-format",
        "json",
        "--output-file",
        str(report),
        "--no-paging",
        str(crate),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "COLUMNS": "200"}
    )
    assert report.exists(), done.stdout + done.stderr
    found = json.loads(report.read_text(encoding="utf-8"))
    assert (done.returncode == 0) == bool(found["passed"]), done.stdout + done.stderr
    return [
        f"{issue['check']['identifier']}: {issue['message']} ({issue.get('violatingEntity')})"
        for issue in found["issues"]
    ]
