"""The files that hospitals really send: each is understood, or refused in words that say where and what to do."""

from __future__ import annotations

import gzip
import io
import sys
import unicodedata
import zipfile
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from small_extract import cohort, write, write_csv

from pipelines import cli
from pipelines.ingest import ExtractError, Intake, packed, take_in
from pipelines.ingest.conversion import convert_column
from pipelines.ingest.dialect import Dialect
from validation.contract import Column

LABS = ["patient_id", "date", "analyte", "value"]
ROW = ["P1", "02/02/2023", "crp", "1,5"]


def labs(
    tmp_path: Path, *rows: list[str], encoding: str = "utf-8", newline: str = "\n", header: list[str] = LABS
) -> Intake:
    """Take in the small cohort with these rows as the file lab_results.csv."""
    folder = write(tmp_path, cohort())
    write_csv(folder / "lab_results.csv", [header, *rows], ";", encoding, newline)
    return take_in([folder])


def text(tmp_path: Path, content: str | bytes, name: str = "lab_results.csv") -> Intake:
    folder = write(tmp_path, {table: rows for table, rows in cohort().items() if table != "lab_results"})
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return take_in([folder])


def problems(tmp_path: Path, content: str | bytes, name: str = "lab_results.csv") -> str:
    with pytest.raises(ExtractError) as caught:
        text(tmp_path, content, name)
    return str(caught.value)


def values(intake: Intake) -> list[tuple]:
    return intake.tables["lab_results"].select("patient_id", "date", "value").rows()


def refused(intake: Intake) -> list[tuple]:
    keeps_the_account(intake)
    return intake.quarantine.filter(table="lab_results").sort("line").select("line", "column", "rule").rows()


def keeps_the_account(intake: Intake) -> None:
    """Accepted and quarantined make what was read, per table, and every row in quarantine has its line."""
    for table, frame in intake.tables.items():
        read, accepted, quarantined = (
            intake.counts.filter(table=table).select(pl.col("read", "accepted", "quarantined").sum()).row(0)
        )
        assert read == accepted + quarantined == sum(file.rows for file in intake.files if file.table == table)
        assert accepted == frame.height
        assert quarantined == intake.quarantine.filter(table=table).unique(["file", "line"]).height


def notes(intake: Intake, table: str = "lab_results") -> list[str]:
    return [note for file in intake.files if file.table == table for note in file.notes]


PLAIN = [("P1", date(2023, 2, 2), 1.5)]


# Encodings and line ends


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "utf-8"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    folder = write(tmp_path, cohort())
    write_csv(folder / "centres.csv", [["centre_id", "name"], ["C1", "Sacré-Cœur 5 €"], ["C2", "B"]], ";", encoding)
    intake = take_in([folder])
    assert intake.tables["centres"]["name"][0] == "Sacré-Cœur 5 €"
    assert intake.files[0].encoding == encoding


def test_utf16_in_the_other_byte_order(tmp_path: Path) -> None:
    content = "\ufeffpatient_id;date;analyte\r\nP1;2023-02-02;crp\r\n".encode("utf-16-be")
    assert text(tmp_path, content).tables["lab_results"].height == 1


def test_utf16_without_mark_is_refused(tmp_path: Path) -> None:
    told = problems(tmp_path, "patient_id;date;analyte\n".encode("utf-16-le") * 50)
    assert "lab_results.csv: the file is binary, or in UTF-16 without its mark" in told
    assert "what to do: export again as CSV UTF-8" in told


def test_mixed_line_ends(tmp_path: Path) -> None:
    content = 'patient_id;date;analyte\r\nP1;2023-02-02;crp\rP1;2023-02-03;"crp"\nP9;2023-02-04;crp\r\n'
    intake = text(tmp_path, content)
    assert intake.tables["lab_results"].height == 2
    assert refused(intake) == [(4, "patient_id", "unknown_parent")]


def test_quoted_newlines_keep_the_lines_right(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    (folder / "centres.csv").write_bytes(b'centre_id;name\nC1;"two\nlines"\nC2;B\nC2;D\n')
    intake = take_in([folder])
    assert intake.quarantine.filter(table="centres")["line"].to_list() == [4, 5]


def test_rows_of_empty_quotes_are_no_rows(tmp_path: Path) -> None:
    intake = text(tmp_path, '"patient_id";"date";"analyte"\n"P1";"2023-02-02";"crp"\n"";"";""\n')
    assert intake.tables["lab_results"].height == 1
    assert refused(intake) == []


def test_a_header_cell_of_two_lines(tmp_path: Path) -> None:
    assert text(tmp_path, '"patient_id";"date\n";"analyte"\nP1;2023-02-02;crp\n').tables["lab_results"].height == 1


# Rows that are none


def test_repeated_headers_of_concatenated_exports(tmp_path: Path) -> None:
    again = ["\ufeffpatient_id", "date", "analyte ", "value"]
    intake = labs(tmp_path, ROW, again, [*ROW[:1], "03/02/2023", *ROW[2:]], LABS)
    assert intake.tables["lab_results"].height == 2
    assert refused(intake) == [(3, None, "repeated_header"), (5, None, "repeated_header")]
    assert "the header once, above all rows" in intake.quarantine["expectation"].to_list()


def test_a_header_in_another_order_stops_the_file(tmp_path: Path) -> None:
    told = problems(
        tmp_path, "patient_id;date;analyte\nP1;2023-02-02;crp\ndate;patient_id;analyte\n2023-02-02;P1;crp\n"
    )
    assert "line 3 is the header of another table, or has the columns in another order" in told
    assert "export each into a folder of its own" in told


@pytest.mark.parametrize(
    "total", ["Total", "TOTAL :", "Somme", "Sous-total", "Total général", "totaux", "Total 12", "\u00a0Total"]
)
@pytest.mark.parametrize("place", [0, 1])
def test_totals_are_set_apart(tmp_path: Path, total: str, place: int) -> None:
    cells = ["", "", "", "1,5"]
    cells[place] = total
    intake = labs(tmp_path, ROW, cells)
    assert values(intake) == PLAIN
    assert refused(intake) == [(3, None, "totals_row")]
    assert intake.quarantine["expectation"].to_list() == ["a row of the registry, not a total"]


def test_totals_of_another_width(tmp_path: Path) -> None:
    intake = labs(tmp_path, ROW, ["Total", "12"], ["Nombre", "12"])
    assert refused(intake)[0] == (3, None, "totals_row")
    assert (4, None, "wrong_field_count") in refused(intake)


def test_a_patient_called_total_something_is_no_total(tmp_path: Path) -> None:
    assert refused(labs(tmp_path, ROW, ["Totalis", *ROW[1:]])) == [(3, "patient_id", "unknown_parent")]


# Columns


def test_columns_without_name_and_content_are_left_out(tmp_path: Path) -> None:
    intake = labs(tmp_path, [*ROW, "", " "], header=[*LABS, "", " "])
    assert values(intake) == PLAIN
    assert notes(intake) == ["2 columns without name and content were left out"]


def test_a_column_without_name_but_content_is_refused(tmp_path: Path) -> None:
    told = problems(tmp_path, "patient_id;date;;analyte\nP1;2023-02-02;SECRET;crp\n")
    assert "a column has no name: column C (number 3)" in told
    assert "SECRET" not in told


def test_a_separator_at_the_end_of_every_line(tmp_path: Path) -> None:
    intake = text(tmp_path, "patient_id;date;analyte\r\nP1;2023-02-02;crp;\r\nP1;2023-02-03;crp;\r\n")
    assert intake.tables["lab_results"].height == 2
    assert refused(intake) == []
    assert notes(intake) == ["1 columns without name and content were left out"]


def test_a_title_above_the_header(tmp_path: Path) -> None:
    content = 'sep=;\n"Export du registre; 2023"\n\npatient_id;date;analyte\nP1;2023-02-02;crp\nP9;2023-02-02;crp\n'
    intake = text(tmp_path, content)
    assert intake.tables["lab_results"].height == 1
    assert refused(intake) == [(6, "patient_id", "unknown_parent")]
    assert notes(intake) == ["3 lines above the header were left out"]


def test_decomposed_accents(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    lines = [["\ufeffcentre_id ", "name"], ["Évreux", "Œuvre"], ["C1", "A"], ["C2", "B"]]
    write_csv(folder / "centres.csv", [[unicodedata.normalize("NFD", cell) for cell in line] for line in lines])
    (folder / "patients.csv").write_text("patient_id,centre_id,sex\nP1,C1,female\nP2,C1,male\nP3,Évreux,female\n")
    (folder / "procedures.csv").write_text(
        unicodedata.normalize(
            "NFD", "procedure_id,patient_id,date,category\nX1,P1,2023-02-20,Radiologie interventionnelle\n"
        )
    )
    (folder / "lab_results.csv").write_text(
        unicodedata.normalize("NFD", "patient_id,date,analyte\nP1,2023-02-20,Créatinine\n")
    )
    intake = take_in([folder])
    assert intake.tables["patients"]["centre_id"].to_list() == ["C1", "C1", "Évreux"]
    assert intake.tables["lab_results"]["analyte"].to_list() == ["creatinine"]


def test_decomposed_accents_in_names_of_files_and_declarations(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    name = unicodedata.normalize("NFD", "été.csv")
    (folder / name).write_text("a;b")
    with pytest.raises(ExtractError, match=r"été\.csv: unknown table"):
        take_in([folder])
    (folder / name).unlink()
    write_csv(folder / "centres.csv", [["centre_id"], ["C1"], ["C2"], ["Évreux"]])
    (folder / "extract.toml").write_text(f'centre = "{unicodedata.normalize("NFD", "Évreux")}"')
    assert set(take_in([folder]).coverage.filter("supplied")["centre_id"]) == {"Évreux"}


# Cells


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1 234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1'234,5", 1234.5),
        ("1’234", 1234),
        ("1.234,5", 1234.5),
        ("1.234.567", 1234567),
        ("-12 345 678,25", -12345678.25),
        (" 7,5\u00a0", 7.5),
    ],
)
def test_thousands(tmp_path: Path, written: str, number: float) -> None:
    intake = labs(tmp_path, ROW, ["P1", "03/02/2023", "crp", written])
    assert [value for _, _, value in values(intake)] == [1.5, number]


@pytest.mark.parametrize("written", ["1.234", "1 23", "1 2345", "1.5", "1 234 56", "1,234,567", "12 mg"])
def test_numbers_that_may_be_either_are_refused(tmp_path: Path, written: str) -> None:
    intake = labs(tmp_path, ROW, [*ROW[:3], written], ["P1", "03/02/2023", "crp", "2,5"])
    assert refused(intake) == [(3, "value", "bad_number")]
    assert intake.quarantine["expectation"][0] == (
        "a number with the decimal mark ','; only blanks or apostrophes between thousands"
    )


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("12/1953", date(1953, 12, 1)),
        ("1953", date(1953, 1, 1)),
        ("1953-12", date(1953, 12, 1)),
        ("00/12/1953", date(1953, 12, 1)),
        ("00/00/1953", date(1953, 1, 1)),
        ("1953-00-00", date(1953, 1, 1)),
    ],
)
@pytest.mark.parametrize("around", [[], [["P2", "C1", "31/12/1950"]]])
def test_partial_dates_of_birth(tmp_path: Path, written: str, day: date, around: list[list[str]]) -> None:
    folder = write(tmp_path, {table: cohort()[table] for table in ("centres", "patients")})
    write_csv(folder / "patients.csv", [["patient_id", "centre_id", "birth_date"], ["P1", "C1", written], *around], ";")
    assert take_in([folder]).tables["patients"]["birth_date"][0] == day


@pytest.mark.parametrize("written", ["12/2023", "2023", "00/12/2023", "2023-12", "12-2023"])
def test_partial_dates_anywhere_else_are_incomplete(tmp_path: Path, written: str) -> None:
    intake = labs(tmp_path, ROW, ["P1", written, "crp", ""])
    assert refused(intake) == [(3, "date", "incomplete_date")]
    assert "the day is missing" in intake.quarantine["expectation"][0]


def test_years_of_two_digits_in_a_whole_column(tmp_path: Path) -> None:
    folder = write(tmp_path, {table: cohort()[table] for table in ("centres", "patients")})
    lines = [["P1", "C1", "01/02/09", "03/04/49"], ["P2", "C1", "1/2/10", ""], ["P3", "C2", "", "31/12/50"]]
    write_csv(folder / "patients.csv", [["patient_id", "centre_id", "birth_date", "last_contact_date"], *lines], ";")
    intake = take_in([folder])
    assert intake.tables["patients"]["birth_date"].to_list() == [date(2009, 2, 1), date(1910, 2, 1), None]
    assert intake.tables["patients"]["last_contact_date"].to_list() == [date(2049, 4, 3), None, date(1950, 12, 31)]
    assert notes(intake, "patients") == [
        "column birth_date: years of two digits, read as 1910 to 2009",
        "column last_contact_date: years of two digits, read as 1950 to 2049",
    ]


@pytest.mark.parametrize("written", ["03/02/23", "03/02/00", "03/02/0000"])  # Python knows no year 0
def test_years_of_two_digits_among_others_are_refused(tmp_path: Path, written: str) -> None:
    assert refused(labs(tmp_path, ROW, ["P1", written, "crp", ""])) == [(3, "date", "bad_date")]


def test_years_of_two_digits_that_come_first_stop_the_file(tmp_path: Path) -> None:
    rows = "".join(f"P1;{year}/02/{day:02};crp\n" for year in (23, 24) for day in range(1, 29))
    assert "the dates seem to begin with the year" in problems(tmp_path, "patient_id;date;analyte\n" + rows)


def test_months_before_days_of_two_digits_stop_the_file(tmp_path: Path) -> None:
    rows = "".join(f"P1;02/{day:02}/23;crp\n" for day in range(1, 29))
    assert "the dates put the month before the day" in problems(tmp_path, "patient_id;date;analyte\n" + rows)


def test_days_counted_by_excel_in_a_whole_column(tmp_path: Path) -> None:
    intake = labs(tmp_path, ["P1", "44959", "crp", "1,5"])
    assert values(intake) == PLAIN
    assert notes(intake) == ["column date: days as Excel counts them, from 1900"]


@pytest.mark.parametrize(("old_mac", "number", "since"), [(False, 44959, 1900), (True, 43497, 1904)])
def test_days_are_counted_from_where_the_workbook_says(tmp_path: Path, old_mac: bool, number: int, since: int) -> None:
    """One column as Excel shows dates, one as it shows their numbers: both say the same day."""
    folder = write(tmp_path, {name: rows for name, rows in cohort().items() if name != "procedures"}, "xlsx")
    with xlsxwriter.Workbook(folder / "procedures.xlsx", {"date_1904": old_mac}) as book:
        sheet = book.add_worksheet("procedures")
        sheet.write_row(0, 0, ["procedure_id", "patient_id", "category", "date", "admission_date", "discharge_date"])
        sheet.write_row(1, 0, ["O1", "P1", "biopsy"])
        shown = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 3, datetime(2023, 2, 2), shown)
        sheet.write_number(1, 4, number)
        sheet.write_string(1, 5, str(number))
    intake = take_in([folder])
    days = intake.tables["procedures"].select("date", "admission_date", "discharge_date").rows()
    assert days == [(date(2023, 2, 2), date(2023, 2, 2), date(2023, 2, 2))]
    assert notes(intake, "procedures") == [
        f"column {name}_date: days as Excel counts them, from {since}" for name in ("admission", "discharge")
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b'<workbookPr date1904="1"/>', True),
        (b"<x:workbookPr filterPrivacy='1' date1904 = 'true' />", True),
        (b'<workbookPr\n  date1904="1">', True),
        (b'<workbookPr date1904="0"/>', False),
        (b'<workbookPr date1904="false" backupFile="1"/>', False),
        (b'<workbookPr updatelinks="1"/><other date1904="1"/>', False),
        (b"", False),
    ],
)
def test_what_a_workbook_says_of_its_calendar(said: bytes, found: bool) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook>" + said + b"</workbook>")
    assert packed.counts_from_1904(book.getvalue()) == found


def test_days_counted_by_excel_beside_years_of_birth(tmp_path: Path) -> None:
    folder = write(tmp_path, {table: cohort()[table] for table in ("centres", "patients")})
    lines = [["P1", "C1", "18294"], ["P2", "C1", "1953"], ["P3", "C2", "9000"]]
    write_csv(folder / "patients.csv", [["patient_id", "centre_id", "birth_date"], *lines], ";")
    assert take_in([folder]).tables["patients"]["birth_date"].to_list() == [
        date(1950, 1, 31),
        date(1953, 1, 1),
        date(1924, 8, 21),
    ]


def test_days_counted_by_excel_among_dates_are_refused(tmp_path: Path) -> None:
    intake = labs(tmp_path, ROW, ["P1", "44959", "crp", ""])
    assert refused(intake) == [(3, "date", "serial_date")]
    assert intake.quarantine["expectation"][0] == "a date, not the number of a day as Excel counts them"


@pytest.mark.parametrize(
    "written", ["01/03/2023", "1-mars", "mars-05", "3-févr.", "2023-03-01 00:00:00", "01/03/23", "Jan-05"]
)
def test_numbers_that_became_dates(tmp_path: Path, written: str) -> None:
    intake = labs(tmp_path, ROW, [*ROW[:3], written])
    assert refused(intake) == [(3, "value", "date_in_number")]
    assert intake.quarantine["expectation"][0] == "a number: a spreadsheet seems to have made it a date"


def test_a_date_cell_in_a_number_column_of_a_workbook(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    (folder / "lab_results.csv").unlink()
    with xlsxwriter.Workbook(folder / "lab_results.xlsx") as workbook:
        sheet, day = workbook.add_worksheet(), workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, LABS)
        for row, value in ((1, 1.5), (2, date(2023, 3, 1))):
            sheet.write_row(row, 0, ["P1", "", "crp"])
            sheet.write_datetime(row, 1, date(2023, 2, 2), day)
            sheet.write(row, 3, value, day if row == 2 else None)
    intake = take_in([folder])
    assert values(intake) == PLAIN
    assert refused(intake) == [(3, "value", "date_in_number")]


def test_words_for_blanks_are_counted_per_column(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    words = ["NA", "NC", "nd", ".", "-", "?", "inconnu", "Non renseigné", "NA "]
    lines = [[f"Q{n}", "P1", "05/02/2023", "80", word, word, word] for n, word in enumerate(words)]
    header = ["assessment_id", "patient_id", "date", "karnofsky", "ecog", "frail", "life_expectancy_method"]
    write_csv(folder / "clinical_assessments.csv", [header, *lines], ";")
    intake = take_in([folder])
    assert intake.tables["clinical_assessments"].select(pl.col("ecog", "frail").count()).row(0) == (0, 0)
    assert intake.tables["clinical_assessments"].height == len(words)
    said = notes(intake, "clinical_assessments")
    assert [note.split(":")[0] for note in said] == [
        "column ecog", "column life_expectancy_method", "column frail"
    ]  # fmt: skip
    assert "'NA' 2 times" in said[0]
    assert "'Non renseigné' 1 times" in said[0]


def test_words_for_blanks_in_identifiers(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    write_csv(folder / "centres.csv", [["centre_id"], ["NA"], ["C1"], ["C2"]])
    write_csv(folder / "deviations.csv", [["patient_id", "lesion_id", "domain", "date", "reason"],
                                          ["P1", "NA", "imaging", "2023-02-02", "comorbidity"],
                                          ["?", "L1", "imaging", "2023-02-02", "comorbidity"]])  # fmt: skip
    intake = take_in([folder])
    assert intake.tables["deviations"]["lesion_id"].to_list() == [None]
    assert intake.quarantine.select("line", "column", "rule").rows() == [(3, "patient_id", "required_missing")]
    assert "NA" in intake.tables["centres"]["centre_id"]


def test_a_token_is_never_a_blank() -> None:
    column = Column("status", "enum", "", tokens={"NC": "Non connu", "unknown": "Inconnu"})
    values, failed = convert_column(pl.Series(["nc", "NC", "INCONNU", "nd", "x"]), column, Dialect())
    assert (values.to_list(), failed.to_list()) == (["NC", "NC", "unknown", None, None], [4])


def test_duplicates_and_blanks_around_cells(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    lines = [["centre_id ", "name"], ["C1", "A"], ["C1 ", "A"], ["\u00a0C2", "B"]]
    write_csv(folder / "centres.csv", lines)
    intake = take_in([folder])
    assert intake.tables["centres"]["centre_id"].to_list() == ["C1", "C2"]
    assert intake.quarantine.select("line", "rule").rows() == [(3, "duplicate_row")]


# Workbooks


def workbook(tmp_path: Path, fill) -> Path:
    folder = write(tmp_path, cohort())
    (folder / "lab_results.csv").unlink()
    with xlsxwriter.Workbook(folder / "lab_results.xlsx") as book:
        fill(book)
    return folder


def test_a_sheet_with_title_merged_header_and_totals(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Export")
        sheet.merge_range(0, 0, 0, 3, "Registre des métastases osseuses")
        sheet.merge_range(2, 0, 3, 0, "patient_id")
        sheet.merge_range(2, 1, 2, 3, "Biologie")
        sheet.write_row(3, 1, ["date", "analyte", "value"])
        sheet.write_row(4, 0, ["P1", "02/02/2023", "crp", 1.5])
        sheet.write_row(6, 0, ["P9", "02/02/2023", "crp", 2])
        sheet.write_row(7, 0, ["Total", None, None, 3.5])
        book.add_worksheet("Feuil2")

    intake = take_in([workbook(tmp_path, fill)])
    assert values(intake) == PLAIN
    assert refused(intake) == [(7, "patient_id", "unknown_parent"), (8, None, "totals_row")]
    assert notes(intake) == [
        "1 other sheets were left out; read was 'Export'",
        "2 lines above the header were left out",
    ]


def test_merged_header_cells_over_two_columns_are_refused(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["patient_id", "date"])
        sheet.merge_range(0, 2, 0, 3, "analyte")
        sheet.write_row(1, 0, ["P1", "02/02/2023", "crp", "SECRET"])

    with pytest.raises(ExtractError) as caught:
        take_in([workbook(tmp_path, fill)])
    assert "a column has no name: column D (number 4)" in str(caught.value)
    assert "may be merged with another" in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_several_sheets(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, name: str) -> None:
        for sheet in (book.add_worksheet("Lisez-moi"), book.add_worksheet(name)):
            sheet.write_row(0, 0, LABS)
            sheet.write_row(1, 0, ["P1", "02/02/2023", "crp", 1.5])

    intake = take_in([workbook(tmp_path / "named", lambda book: fill(book, "lab_results"))])
    assert values(intake) == PLAIN
    with pytest.raises(ExtractError, match="the workbook has 2 sheets with cells"):
        take_in([workbook(tmp_path / "unnamed", lambda book: fill(book, "Feuil1"))])


# Packed files


def test_packed_tables_and_extracts_give_the_same(tmp_path: Path) -> None:
    plain = take_in([write(tmp_path / "plain", cohort(), "fr")])
    folder = write(tmp_path / "gz", cohort(), "fr")
    for path in folder.iterdir():
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    packed = tmp_path / "extract.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (tmp_path / "plain").iterdir():
            archive.write(path, f"centre 1/{path.name}")
        archive.writestr("__MACOSX/x", b"")
    single = write(tmp_path / "single", cohort(), "fr")
    with zipfile.ZipFile(single / "anything.zip", "w") as archive:
        archive.write(single / "patients.csv", "patients.csv")
    (single / "patients.csv").unlink()
    for extract in (folder, packed, single):
        intake = take_in([extract])
        assert all(intake.tables[name].equals(frame) for name, frame in plain.tables.items()), extract
    assert take_in([packed]).files[0].path == "extract.zip/centres.csv"
    assert "anything.zip/patients.csv" in {file.path for file in take_in([single]).files}


def test_zips_that_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "extract", cohort())
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("patients.csv", b"")
        archive.writestr("centres.csv", b"")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "broken.zip").write_bytes(b"PK")
    with pytest.raises(ExtractError) as caught:
        take_in([folder, tmp_path / "broken.zip"])
    told = str(caught.value)
    assert "extract/two.zip: the zip holds 2 entries" in told
    assert "give a zip of a whole extract by itself" in told
    assert "extract/broken.zip: this is not a readable zip file" in told
    assert told.count("broken.zip: this is not a readable zip file") == 2


# What a user is told


def test_validate_tells_what_was_left_out_and_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path, cohort())
    lines = ["Extraction;2023", "patient_id;date;analyte;value;", "P1;02/02/2023;crp;1 234,5;", "P1;2023;crp;NC;"]
    lines += ["P1;44959;crp;1;", "P1;03/02/2023;crp;01/03/2023;", "patient_id;date;analyte;value;", "Total;;;4;"]
    (folder / "lab_results.csv").write_text("\n".join(lines), "cp1252")
    monkeypatch.setattr(sys, "argv", ["osteoconcord", "validate", str(folder)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for said in (
        "lab_results.csv: 1 lines above the header were left out",
        "lab_results.csv: 1 columns without name and content were left out",
        "lab_results.csv: column value: read as blank: 'NC' 1 times",
        "lab_results.csv, line 4, date: incomplete_date: a whole date: the day is missing",
        "lab_results.csv, line 5, date: serial_date: a date, not the number of a day as Excel counts them",
        "lab_results.csv, line 6, value: date_in_number: a number: a spreadsheet seems to have made it a date",
        "lab_results.csv, line 7: repeated_header: the header once, above all rows",
        "lab_results.csv, line 8: totals_row: a row of the registry, not a total",
    ):
        assert said in shown
    assert "44959" not in shown


def test_a_zip_of_several_folders(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "network.zip", "w") as archive:
        for centre, tables in (("one", ("centres", "patients")), ("two", ("lab_results",))):
            folder = write(tmp_path / centre, {table: cohort()[table] for table in tables})
            for file in folder.iterdir():
                archive.write(file, f"{centre}/{file.name}")
    taken = take_in([tmp_path / "network.zip"])
    assert {file.path for file in taken.files} >= {"network.zip/one/patients.csv", "network.zip/two/lab_results.csv"}
    assert taken.tables["lab_results"].height == 3
