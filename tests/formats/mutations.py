"""Damaged motion files by seed: what transfers, editors, exporters and malice make of good ones.

`mutated(seed, folder)` writes one file; the same seed makes the same file. Where the mutation leaves the motion as it was
(another spelling of the header, a field that nothing reads), the file is still good.
"""

from __future__ import annotations

import functools
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.core.motionfiles import MarkerTable, write_trc
from tests.body.other_bodies import as_smpl, as_smplx
from tests.body.synthetic import joint_positions
from tests.formats.bvh_files import Style, bvh_text
from tests.formats.c3d_mutations import damaged, walk

Random = np.random.Generator
Fields = dict[str, Any]
# A .c3d is read in a process of its own, which takes longer: there are fewer of them.
SOURCES = (
    ("amass", "_poses.npz"),
    ("trc", ".trc"),
    ("smplx", "_stageii.npz"),
    ("smpl", ".npz"),
    ("bvh", ".bvh"),
    ("amass", "_poses.npz"),
    ("trc", ".trc"),
    ("c3d", ".c3d"),
)
FRAMES, RATE_HZ = 120, 100.0
ABSURD = (0, -1, 1e-9, 1 / 120, 1e9, 1e300, float("nan"), float("inf"), -float("inf"), 2**31 - 1, 2**63 - 1, 10**12)
WORDS = ("", "NaN", "-", "1,5", "x", "1e999", "0x10", "1_0", "None", "\0", "é", "9" * 400, "[]", "-1", "2147483647")


def mutated(seed: int, folder: Path) -> tuple[Path, str]:
    """Path of a damaged file in `folder`, and its format as the sequence table names it."""
    random = np.random.default_rng(seed)
    source, ending = SOURCES[seed % len(SOURCES)]
    path = folder / f"mutated_{seed}{ending}"
    if random.random() < 0.08:
        NO_FILES[int(random.integers(len(NO_FILES)))](path, random)
        return path, source
    content = DAMAGED[source](random)
    for _ in range(int(random.integers(0, 3)) if random.random() < 0.5 else 0):
        content = BYTES[int(random.integers(len(BYTES)))](content, random)
    path.write_bytes(content)
    return path, source


def good(seed: int, folder: Path) -> tuple[Path, str]:
    """A file as `mutated` begins with, unharmed."""
    source, ending = SOURCES[seed % len(SOURCES)]
    path = folder / f"good_{seed}{ending}"
    path.write_bytes(GOOD[source](seed % 7))
    return path, source


def _c3d(random: Random) -> bytes:
    file = walk(*walking(int(random.integers(5)))[:2])
    return damaged(file, random) if random.random() < 0.8 else file.content()


@functools.cache
def _motion(seed: int) -> Fields:
    """An upright person who sways and walks along x; root turned from y up to z up."""
    random = np.random.default_rng(seed)
    time = np.arange(FRAMES) / RATE_HZ
    poses = 0.2 * random.normal(size=156) * np.sin(2 * np.pi * 0.8 * time[:, None] + random.uniform(0, 6, 156))
    poses[:, :3] = np.array([np.pi / 2, 0, 0]) + 0.05 * np.sin(time[:, None] * [1, 2, 3])
    trans = np.stack([0.8 * time, 0.02 * np.sin(3 * time), 0.95 + 0.02 * np.cos(4 * time)], axis=1)
    return {
        "poses": poses,
        "trans": trans,
        "betas": 0.5 * random.normal(size=16),
        "gender": np.array("female"),
        "mocap_framerate": np.array(RATE_HZ),
        "mocap_time_length": np.array(FRAMES / RATE_HZ),
        "dmpls": np.zeros((FRAMES, 8)),
        "surface_model_type": np.array("smplh"),
        "num_betas": np.array(16),
    }


def _walk(seed: int) -> Fields:
    return {name: value.copy() for name, value in _motion(seed).items()}


@functools.cache
def walking(seed: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Fourteen markers `(n, 14, 3)` m of a small skeleton that walks along x, y up: names, positions, times [s]."""
    random = np.random.default_rng(seed)
    time = np.arange(FRAMES) / RATE_HZ
    names = [
        "C7",
        "L_Shoulder",
        "R_Shoulder",
        "L_ASIS",
        "R_ASIS",
        "Sacrum",
        "L_knee",
        "R_knee",
        "L_ankle",
        "R_ankle",
        "L_toe",
        "R_toe",
        "L_heel",
        "R_heel",
    ]
    height = np.array([1.45, 1.4, 1.4, 0.98, 0.98, 1.0, 0.5, 0.5, 0.08, 0.08, 0.04, 0.04, 0.04, 0.04])
    side = np.array([0, -0.18, 0.18, -0.12, 0.12, 0, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1])
    ahead = np.array([0, 0, 0, 0.1, 0.1, -0.1, 0.05, 0.05, 0, 0, 0.15, 0.15, -0.06, -0.06])
    swing = 0.15 * np.sin(2 * np.pi * 0.9 * time[:, None] + np.pi * (side > 0)) * (height < 0.6)
    points = np.stack(
        [
            0.8 * time[:, None] + ahead + swing,
            height + 0.01 * np.sin(6 * time[:, None]) + 0 * ahead,
            side + 0.003 * random.normal(size=14) + 0 * time[:, None],
        ],
        axis=2,
    )
    return names, points, time


@functools.cache
def _walk_trc(seed: int) -> str:
    """The walk as a .trc."""
    names, points, time = walking(seed)
    with TemporaryDirectory() as folder:
        write_trc(Path(folder) / "a.trc", MarkerTable(names, points, time, RATE_HZ), 1)
        return (Path(folder) / "a.trc").read_text()


def _packed(fields: Fields, compressed: bool = True) -> bytes:
    out = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(out, **fields)
    return out.getvalue()


# Files that are none.
def _nothing(path: Path, random: Random) -> None:
    pass


def _empty(path: Path, random: Random) -> None:
    path.write_bytes(b"")


def _folder(path: Path, random: Random) -> None:
    path.mkdir()


def _dangling(path: Path, random: Random) -> None:
    path.symlink_to(path.with_name("nowhere"))


def _circle(path: Path, random: Random) -> None:
    path.symlink_to(path.name)


def _pipe(path: Path, random: Random) -> None:
    os.mkfifo(path)


def _device(path: Path, random: Random) -> None:
    path.symlink_to("/dev/zero" if random.random() < 0.5 else "/dev/null")


def _unreadable(path: Path, random: Random) -> None:
    path.write_bytes(b"x")
    path.chmod(0)


def _noise(path: Path, random: Random) -> None:
    path.write_bytes(random.bytes(int(random.integers(1, 5000))))


NO_FILES: list[Callable[[Path, Random], None]] = [
    _nothing,
    _empty,
    _folder,
    _dangling,
    _circle,
    _pipe,
    _device,
    _unreadable,
    _noise,
]


# Bytes of any file.
def _truncated(data: bytes, random: Random) -> bytes:
    return data[: int(random.integers(0, len(data) + 1))]


def _flipped(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(int(random.integers(1, 9))):
        if changed:
            changed[int(random.integers(len(changed)))] ^= 1 << int(random.integers(8))
    return bytes(changed)


def _flipped_early(data: bytes, random: Random) -> bytes:
    return _flipped(data[:600], random) + data[600:]


def _flipped_late(data: bytes, random: Random) -> bytes:
    return data[:-600] + _flipped(data[-600:], random)


def _hole(data: bytes, random: Random) -> bytes:
    at, size = int(random.integers(len(data) + 1)), int(random.integers(1, 4096))
    return data[:at] + (bytes(size) if random.random() < 0.5 else b"") + data[at + size :]


def _repeated(data: bytes, random: Random) -> bytes:
    at = int(random.integers(len(data) + 1))
    return data[:at] + data[max(at - 1000, 0) :]


def _longer(data: bytes, random: Random) -> bytes:
    return data + random.bytes(int(random.integers(1, 300)))


BYTES: list[Callable[[bytes, Random], bytes]] = [
    _truncated,
    _flipped,
    _flipped_early,
    _flipped_late,
    _hole,
    _repeated,
    _longer,
]


# Fields of an AMASS file.
def _pick(fields: Fields, random: Random) -> str:
    return sorted(fields)[int(random.integers(len(fields)))]


def _dropped(fields: Fields, random: Random) -> None:
    del fields[_pick(fields, random)]


def _reshaped(fields: Fields, random: Random) -> None:
    name = _pick(fields, random)
    value = np.atleast_1d(fields[name])
    shapes = [
        value[None],
        value[..., None],
        value.reshape(-1),
        value[:0],
        value[: len(value) // 2],
        np.concatenate([value, value]),
        value.reshape(-1)[0],
        value.T,
    ]
    fields[name] = np.asarray(shapes[int(random.integers(len(shapes)))])


def _retyped(fields: Fields, random: Random) -> None:
    name = _pick(fields, random)
    kinds = ("f2", "f4", "f8", ">f8", "i1", "i8", "u1", "c16", "?", "U8", "S8", "O", "M8[s]")
    with np.errstate(all="ignore"):
        try:
            fields[name] = fields[name].astype(kinds[int(random.integers(len(kinds)))])
        except (TypeError, ValueError):
            fields[name] = np.array("changed")


def _absurd_value(fields: Fields, random: Random) -> None:
    name = _pick({key: value for key, value in fields.items() if value.dtype.kind == "f"} or fields, random)
    value = np.atleast_1d(fields[name]).astype(float)
    if value.size:
        value.reshape(-1)[int(random.integers(value.size))] = ABSURD[int(random.integers(len(ABSURD)))]
        fields[name] = value.reshape(np.shape(fields[name])) if random.random() < 0.9 else value


def _flipped_bit(fields: Fields, random: Random) -> None:
    name = ("poses", "trans", "betas")[int(random.integers(3))]
    raw = bytearray(np.ascontiguousarray(fields.get(name, np.zeros(1)), dtype=float).tobytes())
    if raw and name in fields:
        raw[int(random.integers(len(raw)))] ^= 1 << int(random.integers(8))
        fields[name] = np.frombuffer(bytes(raw)).reshape(np.shape(fields[name]))


def _scaled(fields: Fields, random: Random) -> None:
    name = ("poses", "trans", "betas", "mocap_framerate", "mocap_time_length")[int(random.integers(5))]
    if name in fields and fields[name].dtype.kind == "f":
        fields[name] = fields[name] * (0.5, 2, 10, 100, 1000, 57.29577951, -1, 0)[int(random.integers(8))]


def _cut_one(fields: Fields, random: Random) -> None:
    name = ("poses", "trans", "dmpls")[int(random.integers(3))]
    if name in fields:
        fields[name] = fields[name][::2] if random.random() < 0.5 else fields[name][: int(random.integers(0, FRAMES))]


def _thinned_out(fields: Fields, random: Random) -> None:
    for name in ("poses", "trans", "dmpls"):
        if name in fields:
            fields[name] = fields[name][::2]


def _word(fields: Fields, random: Random) -> None:
    fields[
        ("gender", "mocap_framerate", "mocap_time_length", "surface_model_type", "num_betas")[int(random.integers(5))]
    ] = np.array(WORDS[int(random.integers(len(WORDS)))])


def _renamed(fields: Fields, random: Random) -> None:
    name = _pick(fields, random)
    fields[{"mocap_framerate": "mocap_frame_rate"}.get(name, name.upper())] = fields.pop(name)


def _second_rate(fields: Fields, random: Random) -> None:
    fields["mocap_frame_rate"] = np.array(ABSURD[int(random.integers(len(ABSURD)))], dtype=float)


FIELDS: list[Callable[[Fields, Random], None]] = [
    _dropped,
    _reshaped,
    _retyped,
    _absurd_value,
    _flipped_bit,
    _scaled,
    _cut_one,
    _thinned_out,
    _word,
    _renamed,
    _second_rate,
]


def _amass(random: Random) -> bytes:
    return _npz(_walk(int(random.integers(5))), random)


def _npz(fields: Fields, random: Random) -> bytes:
    for _ in range(int(random.integers(1, 3))):
        if fields:
            FIELDS[int(random.integers(len(FIELDS)))](fields, random)
    content = _packed(fields, compressed=random.random() < 0.5)
    return _lying_header(content, random) if random.random() < 0.1 else content


def _lying_header(content: bytes, random: Random) -> bytes:
    """One array with another header above its data: other shapes and types, and text that is none."""
    descr = ("'<f8'", "'|O'", "'<U0'", "'<f2'", "[('a', '<f8')]", "'<V8'", "7")[int(random.integers(7))]
    shape = ("(1000000000000,)", "(120, 156)", "(-1, 156)", "(120, 156, 9999999999)", "()", "(((((", "(True,)")[
        int(random.integers(7))
    ]
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    text = text if random.random() < 0.9 else random.bytes(int(random.integers(1, 3000)))
    size = len(text) if random.random() < 0.9 else int(random.integers(2**16))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = names[int(random.integers(len(names)))] if names else ""
        for name in names:
            data = old.read(name)
            new.writestr(
                name, data if name != chosen else b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + text + data[128:]
            )
    return out.getvalue()


# Lines and cells of a .trc.
def _line_changed(lines: list[list[str]], random: Random, rows: range) -> tuple[int, int]:
    row = rows[int(random.integers(len(rows)))]
    return row, int(random.integers(max(len(lines[row]), 1)))


def _header_word(lines: list[list[str]], random: Random) -> None:
    row, column = _line_changed(lines, random, range(1, 4))
    lines[row][column : column + 1] = [
        (*WORDS, *map(str, ABSURD), "mm", "cm", "Frame#", "A\tB")[int(random.integers(len(WORDS) + len(ABSURD) + 4))]
    ]


def _cell_word(lines: list[list[str]], random: Random) -> None:
    row, column = _line_changed(lines, random, range(6, len(lines) - 1))
    lines[row][column : column + 1] = [WORDS[int(random.integers(len(WORDS)))]]


def _cell_flipped(lines: list[list[str]], random: Random) -> None:
    row, column = _line_changed(lines, random, range(6, len(lines) - 1))
    if lines[row]:
        cell = bytearray(lines[row][min(column, len(lines[row]) - 1)].encode() or b"0")
        cell[int(random.integers(len(cell)))] ^= 1 << int(random.integers(7))
        lines[row][column : column + 1] = [cell.decode("latin1").replace("\n", "").replace("\r", "")]


def _lines_dropped(lines: list[list[str]], random: Random) -> None:
    at = int(random.integers(len(lines)))
    del lines[at : at + int(random.integers(1, 20))]


def _lines_twice(lines: list[list[str]], random: Random) -> None:
    at = int(random.integers(len(lines)))
    lines[at:at] = lines[at : at + int(random.integers(1, 20))]


def _lines_swapped(lines: list[list[str]], random: Random) -> None:
    first, second = (int(random.integers(len(lines))) for _ in range(2))
    lines[first], lines[second] = lines[second], lines[first]


def _columns_swapped(lines: list[list[str]], random: Random) -> None:
    first, second = (int(random.integers(44)) for _ in range(2))
    for line in lines[int(random.integers(3, 7)) :]:
        if max(first, second) < len(line):
            line[first], line[second] = line[second], line[first]


def _column_dropped(lines: list[list[str]], random: Random) -> None:
    column = int(random.integers(44))
    for line in lines[int(random.integers(3, 7)) :]:
        del line[column : column + 1]


def _name_dropped(lines: list[list[str]], random: Random) -> None:
    column = 2 + 3 * int(random.integers(14))
    if len(lines) > 3 and len(lines[3]) > column:
        if random.random() < 0.5:
            lines[3][column] = ""
        else:
            del lines[3][column : column + 3]


def _times_scaled(lines: list[list[str]], random: Random) -> None:
    factor = (0.5, 2, 1.03, 1000, 0, -1)[int(random.integers(6))]
    for line in lines[6:]:
        try:
            line[1] = f"{float(line[1]) * factor:.6g}"
        except (ValueError, IndexError):
            continue


def _rows_thinned_out(lines: list[list[str]], random: Random) -> None:
    lines[6:-1] = lines[6:-1:2]


LINES: list[Callable[[list[list[str]], Random], None]] = [
    _header_word,
    _header_word,
    _cell_word,
    _cell_flipped,
    _lines_dropped,
    _lines_twice,
    _lines_swapped,
    _columns_swapped,
    _column_dropped,
    _name_dropped,
    _times_scaled,
    _rows_thinned_out,
]


def _trc(random: Random) -> bytes:
    lines = [line.split("\t") for line in _walk_trc(int(random.integers(5))).split("\n")]
    for _ in range(int(random.integers(1, 3))):
        if len(lines) > 10:
            LINES[int(random.integers(len(LINES)))](lines, random)
    text = "\n".join("\t".join(line) for line in lines)
    ends = ("\n", "\n", "\r\n", "\r", "\x85")[int(random.integers(5))]
    encoding = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "latin1")[int(random.integers(5))]
    return text.replace("\n", ends).encode(encoding, "replace")


# Poses of other bodies, with the mutations of AMASS's; a skeleton's text.
def _smplx_walk(seed: int) -> Fields:
    return {**as_smplx(_walk(seed)), "dmpls": np.zeros((FRAMES, 8))}


def _smpl_walk(seed: int) -> Fields:
    """Under the names of AMASS, of video methods, or as matrices."""
    fields = as_smpl(_walk(seed))
    if seed % 3 == 1:
        poses = fields.pop("poses")
        return {**fields, "global_orient": poses[:, :3], "body_pose": poses[:, 3:], "transl": fields.pop("trans")}
    if seed % 3 == 2:
        fields["poses"] = Rotation.from_rotvec(fields["poses"].reshape(-1, 3)).as_matrix().reshape(FRAMES, 24, 3, 3)
    return fields


@functools.cache
def _walk_bvh(seed: int) -> str:
    style = (
        Style(),
        Style(prefix="mixamorig:"),
        Style(order="XYZ", all_positions=True),
        Style(names="xsens", unit_m=1.0),
        Style(rest_frame=True),
    )[seed % 5]
    fields = _motion(seed)
    return bvh_text(joint_positions(), fields["poses"], fields["trans"] - [0, 0, 0.95], RATE_HZ, style)


def _bvh_word(words: list[list[str]], random: Random) -> None:
    row = int(random.integers(len(words)))
    if words[row]:
        words[row][int(random.integers(len(words[row])))] = (
            *WORDS,
            *map(str, ABSURD),
            "{",
            "}",
            "End",
            "JOINT",
            "ROOT",
        )[int(random.integers(len(WORDS) + len(ABSURD) + 5))]


def _bvh_early_word(words: list[list[str]], random: Random) -> None:
    _bvh_word(words[: words.index(["MOTION"]) + 3] if ["MOTION"] in words else words, random)


def _bvh_scaled(words: list[list[str]], random: Random) -> None:
    factor = (0.1, 2.54, 10, 1000, 0, -1)[int(random.integers(6))]
    for row in words:
        if row[:1] == ["OFFSET"]:
            row[1:] = [f"{_float(word) * factor:.5f}" for word in row[1:]]


def _float(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return 0.0


def _bvh_rows_thinned_out(words: list[list[str]], random: Random) -> None:
    words[-FRAMES:] = words[-FRAMES::2]


def _bvh_value(words: list[list[str]], random: Random) -> None:
    row = words[-2 - int(random.integers(FRAMES))]
    if row:
        column = int(random.integers(len(row)))
        row[column] = f"{_float(row[column]) + (-400, -90, -5, 0.1, 30, 180)[int(random.integers(6))]:.4f}"


BVH: list[Callable[[list[list[str]], Random], None]] = [
    _bvh_word,
    _bvh_early_word,
    _bvh_value,
    _bvh_value,
    _bvh_value,
    _lines_dropped,
    _lines_twice,
    _lines_swapped,
    _bvh_scaled,
    _bvh_rows_thinned_out,
]


def _bvh(random: Random) -> bytes:
    words = [line.split() for line in _walk_bvh(int(random.integers(5))).split("\n")]
    for _ in range(int(random.integers(1, 3))):
        if len(words) > 10:
            BVH[int(random.integers(len(BVH)))](words, random)
    ends = ("\n", "\n", "\r\n", "\r")[int(random.integers(4))]
    return ends.join(" ".join(row) for row in words).encode("utf-8", "replace")


GOOD: dict[str, Callable[[int], bytes]] = {
    "amass": lambda seed: _packed(_walk(seed)),
    "trc": lambda seed: _walk_trc(seed).encode(),
    "c3d": lambda seed: walk(*walking(seed)[:2]).content(),
    "smplx": lambda seed: _packed(_smplx_walk(seed)),
    "smpl": lambda seed: _packed(_smpl_walk(seed)),
    "bvh": lambda seed: _walk_bvh(seed).encode(),
}
DAMAGED: dict[str, Callable[[Random], bytes]] = {
    "amass": _amass,
    "trc": _trc,
    "c3d": _c3d,
    "bvh": _bvh,
    "smplx": lambda random: _npz(_smplx_walk(int(random.integers(5))), random),
    "smpl": lambda random: _npz(_smpl_walk(int(random.integers(5))), random),
}
