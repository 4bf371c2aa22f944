"""Activations and EMG from elsewhere, in the layout of OpenSim's computed muscle control: 20 actuators in, 5 muscles out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.config.refine import RefineConfig
from mint.core.motionfiles import read_storage, write_storage
from mint.core.status import StageError
from mint.learning.refine.pair_table import read_pairs
from mint.learning.refine.pairs import muscle_of, pair_cycles

MUSCLES = ("soleus", "bi", "sem", "tib", "rect", "glmax1", "glmed1", "gasmed", "vaslat", "vasmed")
HEAD = "person\tsimulated\tmeasured\tstart_s\tstop_s\n"
CONFIG = RefineConfig()


def wave(i: int, times: np.ndarray, side: str = "r") -> np.ndarray:
    return 0.3 + 0.2 * np.sin(2 * np.pi * times + 0.5 * i + (side == "l"))


def folder(path: Path, people: int = 3, name: str = "{muscle}_{side}") -> Path:
    """People with files as those of the two projects: activations of 20 actuators, EMG of five muscles of the right leg."""
    lines = []
    for person in range(people):
        times = np.arange(0.0, 1.6, 0.01)
        columns = [name.format(muscle=muscle, side=side) for muscle in MUSCLES for side in "rl"]
        values = np.stack([wave(i, times, side) for i in range(len(MUSCLES)) for side in "rl"], axis=1)
        write_storage(path / f"s{person}_controls.sto", times, columns, values)
        measured = np.stack([(person + 1) * wave(i, times) for i in range(5)], axis=1)
        write_storage(path / f"s{person}_emg.sto", times, [f"{muscle}_r" for muscle in MUSCLES[:5]], measured)
        lines.append(f"subject {person}\ts{person}_controls.sto\ts{person}_emg.sto\t0.3\t1.3\n")
    table = path / "pairs.tsv"
    table.write_text(HEAD + "".join(lines))
    return table


@pytest.mark.parametrize(
    "name", ["{muscle}_{side}", "/forceset/{muscle}_{side}/activation", "{muscle}_{side}.activation"]
)
def test_a_table_of_files_gives_cycles(tmp_path: Path, name: str) -> None:
    found = pair_cycles(folder(tmp_path, name=name), CONFIG)
    cycles = found.cycles
    assert len(cycles.muscles) == 20 and set(cycles.channels) == set(MUSCLES[:5]) and len(cycles) == 3
    times = np.linspace(0.3, 1.3, 20)
    soleus = cycles.muscles.index("soleus_r")
    assert cycles.simulated[0, :, soleus] == pytest.approx(wave(0, times), abs=1e-3)
    # The person's largest value is 1, whatever the amplifier was.
    for i in range(3):
        assert cycles.measured[i, :, cycles.channels.index("soleus")] == pytest.approx(wave(0, times) / 0.5, abs=2e-3)
    assert cycles.own[0, :, cycles.channels.index("tib")] == pytest.approx(wave(3, times), abs=1e-3)
    assert len(set(cycles.persons)) == 3 and cycles.duration_s == pytest.approx(np.ones(3))


def test_a_cycle_of_the_left_leg_is_as_one_of_the_right(tmp_path: Path) -> None:
    table = folder(tmp_path, people=1)
    times = np.arange(0.0, 1.6, 0.01)
    write_storage(tmp_path / "left.sto", times, ["soleus_l"], wave(0, times, "l")[:, None])
    table.write_text(
        "person\tsimulated\tmeasured\tstart_s\tstop_s\tside\tmeasured_offset_s\n"
        "a\ts0_controls.sto\tleft.sto\t0.3\t1.3\tl\t0\n"
        "a\ts0_controls.sto\tleft.sto\t0.3\t1.3\tl\t0.1\n"
    )
    cycles = pair_cycles(table, CONFIG).cycles
    assert cycles.channels == ("soleus",)
    assert cycles.own[0, :, 0] == pytest.approx(wave(0, np.linspace(0.3, 1.3, 20), "l"), abs=1e-3)
    later = wave(0, np.linspace(0.2, 1.2, 20), "l") / wave(0, times, "l").max()
    assert cycles.measured[1, :, 0] == pytest.approx(later, abs=2e-3)


def test_channels_by_the_table_of_names_where_actuators_have_others(tmp_path: Path) -> None:
    table = folder(tmp_path, people=1)
    times = np.arange(0.0, 1.6, 0.01)
    simulated = np.stack([0 * times + 0.1, 0 * times + 0.3], axis=1)
    write_storage(tmp_path / "s0_controls.sto", times, ["gasmed_r", "gaslat_r"], simulated)
    write_storage(tmp_path / "s0_emg.sto", times, ["Gastroc", "heart"], np.stack([times, times], axis=1))
    cycles = pair_cycles(table, CONFIG).cycles
    assert cycles.channels == ("gastrocnemius",) and cycles.own[0, :, 0] == pytest.approx(np.full(20, 0.2))


def test_broken_files_and_cycles_are_rows_and_the_others_stay(tmp_path: Path) -> None:
    table = folder(tmp_path)
    (tmp_path / "s0_emg.sto").write_text("no table")
    with table.open("a") as file:
        file.write(
            "b\ts1_controls.sto\tnone.sto\t0.3\t1.3\nb\ts1_controls.sto\ts1_emg.sto\t0.3\t9\nb\ts1_controls.sto\ts1_emg.sto\t1\t1.9\n"
        )
    found = pair_cycles(table, CONFIG)
    why = [row["left_out"] for row in found.rows]
    assert len(found.cycles) == 2 and [bool(each) for each in why] == [True, False, False, True, True, True]
    assert "s0_emg.sto" in why[0] and "none.sto" in why[3] and why[4] == "length" and why[5] == "gap"


def test_empty_cells_in_a_cycle_leave_it_out(tmp_path: Path) -> None:
    table = folder(tmp_path)
    times, names, values, _ = read_storage(tmp_path / "s1_controls.sto")
    values[50:60, names.index("soleus_r")] = np.nan
    write_storage(tmp_path / "s1_controls.sto", times, names, values)
    found = pair_cycles(table, CONFIG)
    assert len(found.cycles) == 2 and "soleus_r has empty cells" in found.rows[1]["left_out"]


def test_a_file_with_other_names_costs_itself_only(tmp_path: Path) -> None:
    table = folder(tmp_path)
    write_storage(tmp_path / "s1_controls.sto", np.arange(0, 1.6, 0.01), ["x", "y"], np.ones((160, 2)))
    found = pair_cycles(table, CONFIG)
    assert len(found.cycles) == 2 and "s1_controls.sto: no column of" in found.rows[1]["left_out"]


@pytest.mark.parametrize(
    "values", [-np.linspace(0.1, 1, 160), np.full(160, 0.4), np.zeros(160), np.sin(np.arange(160.0))]
)
def test_what_is_no_envelope_is_no_channel(
    tmp_path: Path, values: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    table = folder(tmp_path)
    times, names, measured, _ = read_storage(tmp_path / "s1_emg.sto")
    measured[:, names.index("tib_r")] = values
    write_storage(tmp_path / "s1_emg.sto", times, names, measured)
    cycles = pair_cycles(table, CONFIG).cycles
    there = np.isfinite(cycles.measured[:, 0, cycles.channels.index("tib")])
    assert there.tolist() == [True, False, True] and "s1_emg.sto: tib_r" in capsys.readouterr().out


def test_both_legs_of_a_person_have_an_electrode_of_their_own(tmp_path: Path) -> None:
    table = folder(tmp_path, people=1)
    times = np.arange(0.0, 1.6, 0.01)
    write_storage(tmp_path / "left.sto", times, ["soleus_l"], 100 * wave(0, times)[:, None])
    table.write_text(
        "person\tsimulated\tmeasured\tstart_s\tstop_s\tside\n"
        "a\ts0_controls.sto\ts0_emg.sto\t0.3\t1.3\tr\na\ts0_controls.sto\tleft.sto\t0.3\t1.3\tl\n"
    )
    cycles = pair_cycles(table, CONFIG).cycles
    soleus = cycles.measured[..., cycles.channels.index("soleus")]
    assert soleus.max(axis=1) == pytest.approx(np.ones(2), abs=0.02)


def test_nothing_left_says_what_was_wrong(tmp_path: Path) -> None:
    table = folder(tmp_path, people=1)
    (tmp_path / "s0_emg.sto").unlink()
    with pytest.raises(StageError, match=r"no cycle is left of 1: .*s0_emg.sto"):
        pair_cycles(table, CONFIG)
    folder(tmp_path, people=1)
    write_storage(tmp_path / "s0_emg.sto", np.arange(0, 1.6, 0.01), ["heart"], np.zeros((160, 1)))
    with pytest.raises(StageError, match="heart"):
        pair_cycles(table, CONFIG)


@pytest.mark.parametrize(
    "text, told",
    [
        ("person\tsimulated\n", "no column measured"),
        (HEAD.replace("person", "people") + "", "no column person"),
        (HEAD + "a\tx\ty\tsoon\t1\n", "line 2: start_s is 'soon'"),
        (HEAD + "a\tx\ty\t2\t1\n", "line 2: stop_s 1 is not after start_s 2"),
        (HEAD + "\tx\ty\t0\t1\n", "line 2: person is empty"),
        (HEAD + "a\tx\ty\t0\tnan\n", "line 2: stop_s is 'nan'"),
        ("", "it is empty"),
        (HEAD, "it has no rows"),
        ("# note\n\n" + HEAD + "a\tx\ty\tlater\t1\n", "line 4: start_s is 'later'"),
        (HEAD + "a\tx\ty\t0\t1\tz\n", "line 2: 6 cells, expected 5"),
    ],
)
def test_a_bad_table_is_told_line_by_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "pairs.tsv").write_text(text)
    with pytest.raises(ValueError, match=told):
        read_pairs(tmp_path / "pairs.tsv")


def test_paths_are_relative_to_the_table_and_persons_are_safe_names(tmp_path: Path) -> None:
    table = folder(tmp_path, people=1)
    table.write_text(table.read_text().replace("s0_emg", "s0#emg") + "\n")
    [pair] = read_pairs(table)
    assert (
        pair.measured.name == "s0#emg.sto"
        and pair.simulated == tmp_path / "s0_controls.sto"
        and "/" not in pair.person
        and " " not in pair.person
    )


@pytest.mark.parametrize(
    "column, muscle",
    [
        ("soleus_r", "soleus_r"),
        ("/forceset/soleus_r/activation", "soleus_r"),
        ("soleus_r.activation", "soleus_r"),
        ("knee_angle_r", ""),
        ("/jointset/knee_r/knee_angle_r/value", ""),
        ("FX", ""),
        ("hip_flexion_r_reserve", ""),
        ("soleus_r.excitation", ""),
        ("/forceset/soleus_r/normalized_fiber_length", ""),
        ("soleus_r.fiber_length", ""),
    ],
)
def test_muscles_of_columns(column: str, muscle: str) -> None:
    assert muscle_of(column) == muscle
