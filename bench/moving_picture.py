"""A moving picture of the report's view: one cycle of a solved motion, picture by picture, in a loop.

`python bench/moving_picture.py RESULTS OUTPUT.webp [SEQUENCE]` (with Chromium and Pillow) opens
`RESULTS/report/index.html` and takes the view at every frame of the solved stretch whose end is most like its
beginning, so that the loop has hardly a seam. Without a sequence, the first one of the page.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.report.browser import Page, browser

from mint.core.bundle import Bundle
from mint.drawing.places import drawing_path

WIDTH, HEIGHT, LOOP_S, RATE_HZ = 640, 420, 2.0, 20
MOST, LEAST = round(LOOP_S * RATE_HZ), 25  # pictures of a loop
DISTANCE_M, FROM_FRONT_RAD = 2.6, -0.9  # of the camera
STYLE = "html {{ overflow: hidden }} #figure {{ position: fixed; inset: 0; width: {0}px; height: {1}px; z-index: 9 }}"


def cycle(drawing: Bundle) -> NDArray[np.int64]:
    """Frames of the solved stretch after which the turns of all bodies are most like those at its beginning."""
    solved = np.flatnonzero(drawing["solved"])
    turn = drawing["body_turn"][solved].astype(float)
    turn /= np.linalg.norm(turn, axis=-1, keepdims=True)
    unlike = 1 - np.abs(np.einsum("ibk,jbk->ijb", turn, turn)).mean(axis=-1)
    length = solved[None, :] - solved[:, None]  # holes in a stretch are no cycle
    whole = length == np.arange(len(solved))[None, :] - np.arange(len(solved))[:, None]
    unlike[~whole | (length < LEAST) | (length > MOST)] = np.inf
    first, after = np.unravel_index(int(unlike.argmin()), unlike.shape)
    if not np.isfinite(unlike[first, after]):
        raise SystemExit(f"no {LEAST} solved frames in a row")
    return np.asarray(drawing["frames"][solved[first:after]], dtype=np.int64)


def prepare(page: Page, sequence: str | None, first: int) -> None:
    """Nothing but the figure, of that size, without markers, from the side of the camera at the first frame."""
    page.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False)
    if sequence:
        titles = page.value("Array.from(document.getElementById('choose').options, o => o.text)")
        page.value(f"choose({next(k for k, title in enumerate(titles) if title.endswith('/ ' + sequence))}); 1")
    style = json.dumps(STYLE.format(WIDTH, HEIGHT))
    page.value(f"document.head.append(Object.assign(document.createElement('style'), {{ textContent: {style} }})); 1")
    page.value("document.getElementById('figure').style.backgroundColor = '#fff'; showLayer('markers', false); 1")
    page.value(f"setFrame({first}); lookFrom('front'); camera.azimuth += {FROM_FRONT_RAD}; camera.elevation = 0.12; 1")
    page.value(f"camera.distance = {DISTANCE_M}; 1")


def main(results: Path, output: Path, sequence: str | None = None) -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, browser(Path(profile)) as page:
        page.open((results / "report" / "index.html").resolve().as_uri())
        shown = sequence or str(page.value("player.sequence.id"))
        frames, taken, file = cycle(Bundle.read(drawing_path(results, shown))), [], Path(profile) / "picture.png"
        prepare(page, sequence, int(frames[0]))
        for frame in frames:
            page.value(f"setFrame({frame}); 1")
            page.picture(file)
            taken.append(Image.open(file).convert("RGB"))
    each = 1000 // RATE_HZ
    taken[0].save(output, save_all=True, append_images=taken[1:], duration=each, loop=0, quality=80, method=6)
    print(f"{output}: {shown}, frames {frames[0]} to {frames[-1]}, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4])
