"""What was measured, as a table on the terminal and in docs/performance.md."""

from pathlib import Path

import cost

HEAD = ["what", "goal", "measured", "met"]
BEGIN, END = "<!-- benchmarks/run.py --markdown: begin -->", "<!-- benchmarks/run.py --markdown: end -->"


def plain(results: dict) -> str:
    """Return the tables with aligned columns."""
    blocks = [_aligned([HEAD, *_lines(results)])]
    if reckoned := cost.table(results):
        head, lines = reckoned
        blocks.append(_aligned([[cost_title(), *head[1:]], *lines]))
    blocks.append("\n".join(_about(results)))
    return "\n\n".join(blocks)


def markdown(results: dict) -> str:
    """Return the tables as they stand in the documentation."""
    blocks = ["\n".join(f"- {line}" for line in _about(results))]
    lines = [[*cells, note] for cells, note in zip(_lines(results), _notes(results), strict=True)]
    blocks.append(piped([*HEAD, "how"], lines))
    if reckoned := cost.table(results):
        blocks += [f"## {cost_title()}", piped(*reckoned)]
    return "\n\n".join(blocks)


def into_docs(results: dict, path: Path) -> None:
    """Put the tables between the two marks of a page."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    path.write_text(f"{before}{BEGIN}\n{markdown(results)}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def cost_title() -> str:
    """Return what the second table is about."""
    return f"{cost.YEARS} years of {cost.INSTRUMENTS} instruments at these rates"


def _rows(results: dict) -> list[dict]:
    return [row for part in results.values() for row in part["rows"]]


def _lines(results: dict) -> list[list[str]]:
    return [
        [row["what"], row["goal"], _value(row), {True: "yes", False: "NO", None: ""}[row["met"]]]
        for row in _rows(results)
    ]


def _notes(results: dict) -> list[str]:
    return [row["note"] if row["value"] is not None else "" for row in _rows(results)]


def _value(row: dict) -> str:
    if row["value"] is None:
        return row["note"]
    return f"{row['value']:.0f} {row['unit']}" if row["value"] >= 1000 else f"{row['value']:.3g} {row['unit']}"


def _about(results: dict) -> list[str]:
    """Return the machines, versions and states of the code, each said once."""
    lines = []
    for key, name in (("machine", "Machine"), ("versions", "Versions")):
        for said in _distinct(
            ", ".join(f"{k} {v}" for k, v in part[key].items() if k != "load") for part in results.values()
        ):
            lines.append(f"{name}: {said}")
    loads = [part["machine"]["load"] for part in results.values()]
    lines.append(f"Load average before each part: {', '.join(loads)}")
    commits = _distinct(f"{part['commit']}{' (quick)' if part['quick'] else ''}" for part in results.values())
    lines.append(f"Code: {', '.join(commits)}")
    return lines


def _distinct(texts) -> list[str]:
    return list(dict.fromkeys(texts))


def _aligned(lines: list[list[str]]) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def piped(head: list[str], lines: list[list[str]]) -> str:
    """Return a table in Markdown."""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)
