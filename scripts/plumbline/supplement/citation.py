"""How a supplement and what it is made of are cited: OOI's acknowledgement and citation, as text and BibTeX.

The form is OOI's own (oceanobservatories.org, "How to Use, Acknowledge, and Cite Data"): publisher, year, instrument
with its reference designator, dates, repository, address, and the day on which the data were accessed. OOI has DOIs
of platforms, which no answer of its API tells.
"""

import re

from plumbline.ooi.names import OOI_PUBLISHER, instrument_of
from plumbline.supplement.about import AboutSupplement, Software

ACKNOWLEDGEMENT = (
    "This material is based upon work supported by the Ocean Observatories Initiative (OOI), a major facility fully "
    "funded by the National Science Foundation under Cooperative Agreement No. 2244833, and the Woods Hole "
    "Oceanographic Institution OOI Program Office."
)
POLICY = "https://oceanobservatories.org/how-to-use-acknowledge-and-cite-data/"
PORTAL = "https://ooinet.oceanobservatories.org"
NOT_OOI = "Not data of the Ocean Observatories Initiative."
# Classes of OOI's instruments (letters of a reference designator), as OOI names them.
# What BibTeX reads as something else than a letter.
SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"} | {sign: f"\\{sign}" for sign in "&%$#_"}


def accessed_of(record: dict) -> str:
    """Return when a stream's data were accessed, in words: ``2026-11-24``, or from one day to another."""
    first, last = record["accessed"]["first"], record["accessed"]["last"]
    return last if first == last else f"{first} to {last}"


def citation_of_stream(record: dict) -> str:
    """Return how the data of a stream are cited.

    Parameters
    ----------
    record : dict
        Of the stream's orders.
    """
    what, dates = _data_of(record)
    if not _is_ooi(record):
        return f"{what} data {dates}: {record['data_origin']}. {NOT_OOI}"
    year = record["accessed"]["last"][:4]
    where = f"OOI Data Portal. {PORTAL}" if PORTAL in record["server"] else _place_of(record)
    return f"{OOI_PUBLISHER}. ({year}). {what} data {dates}. {where}. Accessed on {accessed_of(record)}."


def citation_of_software(software: Software) -> str:
    """Return how Plumbline is cited."""
    commit = f", commit {software.commit}" if software.commit != "not known" else ""
    edited = ", edited" if software.clean is False else ""
    names = "; ".join(software.authors)
    return f"{names}. ({software.released[:4]}). {software.title}. Version {software.version}{commit}{edited}."


def citation_of_supplement(about: AboutSupplement) -> str:
    """Return how the supplement itself is cited."""
    names = "; ".join(creator.name for creator in about.creators)
    year, doi = about.published[:4], f" https://doi.org/{about.doi}" if about.doi else ""
    # Where nobody is named, the title comes first.
    cited = f"{names}. ({year}). {about.title}" if names else f"{about.title}. ({year})"
    return f"{cited}. Data set.{doi}"


def text(about: AboutSupplement) -> str:
    """Return ``CITATION.txt``."""
    real = [record for record in about.streams if _is_ooi(record)]
    parts = ["How to cite this supplement and what it is made of\n"]
    if about.synthetic:
        parts.append("SYNTHETIC DATA. Nothing in this folder describes a real seafloor.\n")
    parts.append(f"The supplement:\n  {citation_of_supplement(about)}\n")
    streams = "".join(f"  {citation_of_stream(record)}\n" for record in about.streams)
    parts.append(f"The data:\n{streams}")
    if real:
        parts.append(
            f"Acknowledgement, which OOI asks for:\n  {ACKNOWLEDGEMENT}\n\nOOI's rules: {POLICY}\n"
            "OOI has DOIs of its platforms; where the journal asks for one, it stands on the platform's page.\n"
        )
    parts.append(f"The software:\n  {citation_of_software(about.software)}\n  (workflow/CITATION.cff)\n")
    return "\n".join(parts)


def bibtex(about: AboutSupplement) -> str:
    """Return ``citation.bib``: the supplement, the data of each stream, and Plumbline."""
    software, doi = about.software, {"doi": about.doi} if about.doi else {}
    authors = {"author": [creator.name for creator in about.creators]} if about.creators else {}
    entries = [
        _entry("supplement", authors | {"title": about.title, "year": about.published[:4], "note": "Data set"} | doi)
    ]
    for record in about.streams:
        what, dates = _data_of(record)
        if _is_ooi(record):
            facts = {
                "author": [f"{{{OOI_PUBLISHER}}}"],
                "title": f"{what} data {dates}",
                "year": record["accessed"]["last"][:4],
                "howpublished": "OOI Data Portal" if PORTAL in record["server"] else _place_of(record),
                "url": PORTAL,
                "urldate": record["accessed"]["last"],
                "note": f"Accessed on {accessed_of(record)}",
            }
        else:
            facts = {
                "title": f"{what} data {dates}: {record['data_origin']}",
                "year": about.published[:4],
                "note": NOT_OOI,
            }
        entries.append(_entry(f"data-{record['name']}", facts))
    note = f"Version {software.version}, commit {software.commit}"
    facts = {"author": [f"{{{name}}}" for name in software.authors], "title": software.title}
    entries.append(_entry("plumbline", facts | {"year": software.released[:4], "note": note}))
    return "\n".join(entries)


def _place_of(record: dict) -> str:
    return "netCDF files that were there already" if record["server"] == "files" else record["server"]


def _is_ooi(record: dict) -> bool:
    """Tell whether a stream's data are OOI's own: no server's model or replay."""
    return "accessed" in record and record["data_origin"] == OOI_PUBLISHER and not record["synthetic"]


def _data_of(record: dict) -> tuple[str, str]:
    """Return (instrument and stream, dates) of a stream."""
    window = record["window"]
    what = f"{instrument_of(record['reference_designator'])} {record['stream']}"
    return what, f"from {window['begin'][:10]} to {window['end'][:10]}"


def _entry(key: str, facts: dict) -> str:
    """Return an entry of BibTeX; authors are a list, and in braces if they are no persons."""
    lines = [f"@misc{{{re.sub(r'[^A-Za-z0-9.-]', '-', key)},"]
    for name, value in facts.items():
        if name == "author":
            value = " and ".join(one if one.startswith("{") else _escaped(one) for one in value)
        else:
            # Braces keep the capitals of names.
            value = value if name in ("url", "doi") else _escaped(value)
            value = f"{{{value}}}" if name == "title" else value
        lines.append(f"  {name} = {{{value}}},")
    return "\n".join([*lines, "}", ""])


def _escaped(words: str) -> str:
    return "".join(SPECIAL.get(letter, letter) for letter in words)
