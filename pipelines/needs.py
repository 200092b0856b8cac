"""What to ask of a hospital before an extraction: the tables and columns that the chosen measures need, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scoring.core.recommendation import Recommendation
from scoring.core.tables import TABLE_WORDS
from scoring.core.text import Text
from validation.contract import TABLES, Column, Table
from validation.contract.labels import column_label

WORDS = {
    "title": Text("Request for an extraction", "Demande d'extraction"),
    "intro": Text(
        "Measures of the audit to be computed: {n}. They need the {tables} tables and {columns} columns below. One file per "
        "table, named as the table, as CSV (UTF-8, semicolon), Excel or Parquet; one row per item named under the title. A blank "
        "cell means not recorded, never no. Dates as dd/mm/yyyy or yyyy-mm-dd. Identifiers are pseudonyms: no name, no hospital "
        "or national number, no free text. Columns in bold are required; a column that cannot be given is left out, and the "
        "measures that name it cannot be assessed for your centre.",
        "Mesures de l'audit à calculer : {n}. Elles demandent les {tables} tables et {columns} colonnes ci-dessous. Un fichier "
        "par table, du nom de la table, en CSV (UTF-8, point-virgule), Excel ou Parquet ; une ligne par élément indiqué sous le "
        "titre. Une cellule vide signifie « non renseigné », jamais « non ». Dates en jj/mm/aaaa ou aaaa-mm-jj. Les identifiants "
        "sont des pseudonymes : ni nom, ni numéro d'hôpital ou national, ni texte libre. Les colonnes en gras sont obligatoires ; "
        "une colonne impossible à fournir est omise, et les mesures qui la citent ne seront pas évaluables pour votre centre.",
    ),
    "column": Text("Column", "Colonne"),
    "meaning": Text("Meaning", "Signification"),
    "allowed": Text("Values", "Valeurs"),
    "rules": Text("Measures that need it", "Mesures qui en dépendent"),
    "every": Text("all", "toutes"),
    "date": Text("date", "date"),
    "number": Text("number", "nombre"),
    "yes_no": Text("yes or no", "oui ou non"),
    "identifier": Text("identifier", "identifiant"),
    "text": Text("text", "texte"),
    "several": Text("several, separated by |", "plusieurs, séparés par |"),
}


def rows(rules: Sequence[Recommendation]) -> list[dict[str, Any]]:
    """One row per column that is needed: table, column, required, and the ids of the measures that ask for it."""
    from scoring.needs import ALWAYS, needs

    asked: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        for place in needs(rule):
            asked.setdefault(place, []).append(rule.id)
    tables = {table for table, _ in (*asked, *ALWAYS)} | {"centres"}
    return [
        {
            "table": table.name,
            "column": column.name,
            "required": column.required,
            "rules": asked.get((table.name, column.name), []),
            "always": column.required or (table.name, column.name) in ALWAYS or column.parent is not None,
        }
        for table in TABLES.values()
        if table.name in tables
        for column in table.columns
        if column.required
        or column.parent is not None
        or (table.name, column.name) in asked
        or (table.name, column.name) in ALWAYS
    ]


def _intro(found: list[dict[str, Any]], n: int, lang: str) -> str:
    tables = len({row["table"] for row in found})
    return WORDS["intro"][lang].format(n=n, tables=tables, columns=len(found))


def _values(column: Column, lang: str) -> str:
    if column.tokens:
        tokens = ", ".join(column.tokens.values() if lang == "fr" else column.tokens)
        return f"{WORDS['several'][lang]}: {tokens}" if column.kind == "set" else tokens
    words = {"date": "date", "int": "number", "float": "number", "bool": "yes_no"}
    name = words.get(column.kind) or ("identifier" if column.is_key or column.parent else "text")
    return WORDS[name][lang] + (f" ({column.unit})" if column.unit else "")


def _meaning(table: Table, column: Column, lang: str) -> str:
    return column_label(table.name, column.name) if lang == "fr" else column.description


def _why(row: dict[str, Any], lang: str) -> str:
    return WORDS["every"][lang] if row["always"] else ", ".join(row["rules"])


HEADS = ("column", "meaning", "allowed", "rules")


def markdown(rules: Sequence[Recommendation], lang: str) -> str:
    """The request as a page."""
    found = rows(rules)
    lines = [f"# {WORDS['title'][lang]}", "", _intro(found, len(rules), lang)]
    for name in dict.fromkeys(row["table"] for row in found):
        table = TABLES[name]
        lines += ["", f"## {name} · {TABLE_WORDS[name][lang]}", ""]
        lines += ["| " + " | ".join(WORDS[head][lang] for head in HEADS) + " |", "|---" * len(HEADS) + "|"]
        for row in (row for row in found if row["table"] == name):
            column = table[row["column"]]
            shown = f"**{column.name}**" if column.required else column.name
            cells = (shown, _meaning(table, column, lang), _values(column, lang), _why(row, lang))
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def workbook(rules: Sequence[Recommendation], lang: str, path: Path) -> None:
    """The request as an Excel workbook: a sheet to read first, and one sheet per table."""
    import xlsxwriter

    found = rows(rules)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        first = book.add_worksheet(WORDS["title"][lang][:31])
        first.set_column(0, 0, 110)
        first.write(0, 0, WORDS["title"][lang], bold)
        first.write(1, 0, _intro(found, len(rules), lang), wrap)
        for name in dict.fromkeys(row["table"] for row in found):
            sheet, table = book.add_worksheet(name), TABLES[name]
            sheet.freeze_panes(1, 1)
            for place, width in enumerate((30, 50, 60, 60)):
                sheet.set_column(place, place, width)
            sheet.write_row(0, 0, [WORDS[head][lang] for head in HEADS], bold)
            for line, row in enumerate((row for row in found if row["table"] == name), start=1):
                column = table[row["column"]]
                sheet.write(line, 0, column.name, bold if column.required else wrap)
                cells = (_meaning(table, column, lang), _values(column, lang), _why(row, lang))
                for place, cell in enumerate(cells, start=1):
                    sheet.write(line, place, cell, wrap)
