"""The sequence table: what concerns one row is that row's, what concerns all stops the run by file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.plan.sequences import SequenceRow, read_adjustments, read_sequences, subject_name

HEAD = "sequence_id\tsource\tpath\tdataset\tsubject"
GOOD = "good\tamass\tgood.npz\tD\ts"


def table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    (folder / "s.tsv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder / "s.tsv"


@pytest.mark.parametrize(
    ("columns", "row", "column", "found"),
    [
        ("", "a\tamas\tx\tD\ts", "source", "'amas'"),
        ("", "a\tamass\t\tD\ts", "path", "empty"),
        ("", "..\tamass\tx\tD\ts", "sequence_id", "'..'"),
        ("", "a\tamass\tx\t\ts", "dataset", "empty"),
        ("\tmass_kg", "a\tamass\tx\tD\ts\t60,5", "mass_kg", "'60,5'"),
        ("\tmass_kg", "a\tamass\tx\tD\ts\tnan", "mass_kg", "'nan'"),
        ("\tmass_kg", "a\tamass\tx\tD\ts\t-60", "mass_kg", "'-60'"),
        ("\theight_m", "a\tamass\tx\tD\ts\t175", "height_m", "'175'"),
        ("\tgender", "a\tamass\tx\tD\ts\tboy", "gender", "'boy'"),
        ("\tframe_rate_override", "a\tamass\tx\tD\ts\tinf", "frame_rate_override", "'inf'"),
        ("\tbelt_velocity_m_s", "a\tamass\tx\tD\ts\tfast", "belt_velocity_m_s", "'fast'"),
        ("\tbabel_sid", "a\tamass\tx\tD\ts\t1.5", "babel_sid", "'1.5'"),
        ("", "a\tamass\tx\tD\ts\tone\tmore", "path", "'one'"),
    ],
)
def test_a_bad_cell_is_the_problem_of_its_row_only(
    tmp_path: Path, columns: str, row: str, column: str, found: str
) -> None:
    bad, good = read_sequences(table(tmp_path, row, GOOD, head=HEAD + columns))
    assert good.problem is None and good.sequence_id == "good"
    assert bad.problem is not None and bad.problem.reason.value == "table" and bad.problem.remedy
    assert (
        f"line 2, column {column}: " in bad.problem.detail
        and found in bad.problem.detail
        and "s.tsv" in bad.problem.detail
    )


@pytest.mark.parametrize(
    ("rows", "head", "where"),
    [
        ([GOOD, GOOD], HEAD, "line 3, column sequence_id: good is also in line 2"),
        ([GOOD], HEAD + "\tmas_kg", "line 1: column 'mas_kg' is unknown; did you mean mass_kg?"),
        ([GOOD], HEAD + "\tpath", "line 1: column path stands 2 times"),
        ([GOOD], "sequence_id\tsource\tdataset\tsubject", "line 1: missing columns path"),
        ([GOOD], HEAD.replace("\t", ","), "line 1: column"),
        ([GOOD, 'x\tamass\t"never closed\tD\ts'], HEAD, "line 3"),
    ],
)
def test_what_concerns_all_names_line_and_remedy(tmp_path: Path, rows: list[str], head: str, where: str) -> None:
    with pytest.raises(ValueError, match=r"s\.tsv") as error:
        read_sequences(table(tmp_path, *rows, head=head))
    assert where in str(error.value)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfes\x00e\x00", b"sequence_id\x00\tsource", b"\xe9", b"# only a comment\n"]
)
def test_a_file_that_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.tsv").write_bytes(content)
    with pytest.raises(ValueError, match=r"s\.tsv"):
        read_sequences(tmp_path / "s.tsv")
    for missing in (tmp_path / "none.tsv", tmp_path):
        with pytest.raises(ValueError, match="check the path"):
            read_sequences(missing)


def test_hashes_and_quotes_belong_to_cells_and_lines_of_comments_do_not(tmp_path: Path) -> None:
    rows = read_sequences(
        table(
            tmp_path, "# a comment\twith a tab", "a\tamass\tset#2/x.npz\tD\ts", "", 'b\tamass\t"tab\tin ""name"""\tD\ts'
        )
    )
    assert [(row.path, row.line) for row in rows] == [("set#2/x.npz", 3), ('tab\tin "name"', 5)]


def test_a_table_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    (tmp_path / "s.tsv").write_bytes(("\ufeff" + HEAD + "\tgender\r\na\tAMASS\tx\tD\tMüller\tMale\r\n").encode())
    (row,) = read_sequences(tmp_path / "s.tsv")
    assert (row.source, row.gender, row.problem) == ("amass", "male", None)


def test_subjects_never_merge() -> None:
    def row(dataset: str, subject: str) -> str:
        return SequenceRow(sequence_id="a", source="amass", path="x", dataset=dataset, subject=subject).subject_id

    pairs = [
        ("D", "Müller"),
        ("D", "Möller"),
        ("D", "山田"),
        ("D", "田中"),
        ("A-B", "C"),
        ("A", "B-C"),
        ("D", "a b"),
        ("D", "a_b"),
        ("D", "x" * 200),
        ("D", "x" * 201),
        ("D", "a"),
        ("D", "A"),
    ]
    assert len({row(*pair) for pair in pairs}) == len(pairs)
    assert row("D", "one") == "D-one"


@pytest.mark.parametrize(
    ("dataset", "subject"), [("D", "one"), ("D", "Müller"), ("A-B", "C"), ("A", "B-C"), ("Übung", "S-1")]
)
def test_adjustments_find_their_subject_as_it_is_written(tmp_path: Path, dataset: str, subject: str) -> None:
    row = SequenceRow(sequence_id="a", source="amass", path="x", dataset=dataset, subject=subject)
    head = "subject\tmarker\tdx_mm\tdy_mm\tdz_mm\tnote\n"
    (tmp_path / "m.tsv").write_text(
        f"{head}{dataset}-{subject}\tC7\t1\t0\t0\tsee #3\n{subject_name('D', 'two')}\tC7\t2\t0\t0\t\n"
    )
    found = read_adjustments(tmp_path / "m.tsv")
    assert found[row.subject_id] == [{"marker": "C7", "dx_mm": 1.0, "dy_mm": 0.0, "dz_mm": 0.0}]
    assert found["D-two"][0]["dx_mm"] == 2.0


@pytest.mark.parametrize("value", ["nan", "inf", "201", "1,5"])
def test_an_adjustment_that_is_none_is_named(tmp_path: Path, value: str) -> None:
    (tmp_path / "m.tsv").write_text(f"subject\tmarker\tdx_mm\tdy_mm\tdz_mm\tnote\nD-s\tC7\t0\t{value}\t0\t\n")
    with pytest.raises(ValueError, match=r"m\.tsv, line 2, column dy_mm"):
        read_adjustments(tmp_path / "m.tsv")
