"""The pages that list results: Apache's mod_autoindex, and THREDDS' catalogs in XML and HTML."""

from datetime import UTC, datetime
from html import escape
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from plumbline.embedded.orders import FileEntry

APACHE_NAME_WIDTH = 23  # mod_autoindex cuts longer names


def apache_page(path: str, parent: str, files: list[FileEntry]) -> str:
    """Return the index page of a directory; links are relative and their texts cut short.

    Parameters
    ----------
    path : str
        The directory's own path, without a slash at its end.
    parent : str
        The path of the directory above.
    files : list of FileEntry
        In the order in which they are shown; a size below 0 marks a directory.
    """
    title = escape(f"Index of {path}")
    columns = (("N", "Name", "D"), ("M", "Last modified", "A"), ("S", "Size", "A"), ("D", "Description", "A"))
    heads = "".join(f'<th><a href="?C={key};O={way}">{name}</a></th>' for key, name, way in columns)
    rows = "\n".join(_apache_row(entry) for entry in files)
    return f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <title>{title}</title>
 </head>
 <body>
<h1>{title}</h1>
  <table>
   <tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th>{heads}</tr>
   <tr><th colspan="5"><hr></th></tr>
<tr><td valign="top"><img src="/icons/back.gif" alt="[PARENTDIR]"></td><td><a href="{escape(parent)}">Parent \
Directory</a></td><td>&nbsp;</td><td align="right">  - </td><td>&nbsp;</td></tr>
{rows}
   <tr><th colspan="5"><hr></th></tr>
</table>
</body></html>
"""


def _apache_row(entry: FileEntry) -> str:
    folder = entry.bytes < 0
    icon, alt = ("folder", "DIR") if folder else ("unknown", "   ")
    cut = len(entry.name) > APACHE_NAME_WIDTH
    text = escape(entry.name[: APACHE_NAME_WIDTH - 3]) + "..&gt;" if cut else escape(entry.name)
    changed = "&nbsp;" if folder else f"{datetime.fromtimestamp(entry.modified_s, UTC):%Y-%m-%d %H:%M}  "
    size = "  - " if folder else _apache_size(entry.bytes)
    return (
        f'<tr><td valign="top"><img src="/icons/{icon}.gif" alt="[{alt}]"></td>'
        f'<td><a href="{quote(entry.name)}">{text}</a></td>'
        f'<td align="right">{changed}</td><td align="right">{size}</td><td>&nbsp;</td></tr>'
    )


def _apache_size(size: int) -> str:
    """Return a length as Apache shows it: binary units, one decimal below ten."""
    if size < 1000:
        return f"{size:3d} "
    value, units = size / 1024, iter("KMGT")
    unit = next(units)
    while value >= 999.5:
        value, unit = value / 1024, next(units)
    return f"{value:.1f}{unit}" if value < 9.95 else f"{value:3.0f}{unit}"


def _thredds_size(size: int) -> tuple[str, str]:
    """Return a length and its unit as THREDDS shows them: decimal units, four digits."""
    value, unit = float(size), "bytes"
    for larger in ("Kbytes", "Mbytes", "Gbytes"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.4g}", unit


def _changed(entry: FileEntry) -> str:
    return f"{datetime.fromtimestamp(entry.modified_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _framed(body: str) -> str:
    """Return a catalog around its datasets, with the line ends that THREDDS writes."""
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<catalog xmlns="http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0" \
xmlns:xlink="http://www.w3.org/1999/xlink" version="1.2">
  <service name="all" serviceType="Compound" base="">
    <service name="odap" serviceType="OPENDAP" base="/thredds/dodsC/" />
    <service name="http" serviceType="HTTPServer" base="/thredds/fileServer/" />
  </service>
{body}
</catalog>
"""
    return text.replace("\n", "\r\n")


def _scan(name: str, root: str, inside: str) -> str:
    return f"""  <dataset name={quoteattr(name + "/")} ID={quoteattr(root)}>
    <serviceName>all</serviceName>
    <property name="DatasetScan" value="true" />
    <metadata inherited="true">
      <serviceName>all</serviceName>
    </metadata>
{inside}
  </dataset>"""


def parent_catalog_xml(root: str, directories: list[str]) -> str:
    """Return the catalog of a folder of folders, such as an account's: a reference for each."""
    references = "\n".join(
        f"    <catalogRef xlink:href={quoteattr(name + '/catalog.xml')} xlink:title={quoteattr(name)} "
        f'ID={quoteattr(f"{root}/{name}")} name="" />'
        for name in directories
    )
    return _framed(_scan(root.rpartition("/")[2], root, references))


def catalog_xml(root: str, files: list[FileEntry]) -> str:
    """Return the catalog of a folder, every kind of file in it; `root` is its path as THREDDS has it."""
    return _framed(_scan(root.rpartition("/")[2], root, "\n".join(_dataset(root, entry) for entry in files)))


def _dataset(root: str, entry: FileEntry) -> str:
    path = quoteattr(f"{root}/{entry.name}")
    size, unit = _thredds_size(entry.bytes)
    foreign = "" if entry.name.endswith(".nc") else '      <property name="NotAThreddsDataset" value="true" />\n'
    return (
        f"    <dataset name={quoteattr(entry.name)} ID={path} urlPath={path}>\n"
        f'      <dataSize units="{unit}">{size}</dataSize>\n{foreign}'
        f'      <date type="modified">{_changed(entry)}</date>\n'
        "    </dataset>"
    )


def _cells(root: str, entry: FileEntry) -> tuple[str, str, str, str]:
    """Return the link of a row of a page, its text, the size and the time; a folder has neither of these."""
    if entry.bytes < 0:
        return f"{quote(entry.name)}/catalog.html", f"{escape(entry.name)}/", "&nbsp;", "--"
    link = f"catalog.html?dataset={root}/{quote(entry.name)}"
    return link, escape(entry.name), " ".join(_thredds_size(entry.bytes)), _changed(entry)


def catalog_html(url: str, root: str, files: list[FileEntry]) -> str:
    """Return the catalog of a folder as THREDDS 4.6 shows it; a size below 0 marks a folder in it."""
    directory = root.rpartition("/")[2]
    rows = "\n".join(
        f"""<tr{" bgcolor='#eeeeee'" if place % 2 == 0 else ""}>
<td align='left'>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;
<a href='{link}'><tt>{text}</tt></a></td>
<td align='right'><tt>{size}</tt></td>
<td align='right'><tt>{changed}</tt></td>
</tr>"""
        for place, (link, text, size, changed) in enumerate(_cells(root, entry) for entry in files)
    )
    return f"""<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 4.01 Transitional//EN'
        'http://www.w3.org/TR/html4/loose.dtd'>
<html>
<head>
<meta http-equiv='Content-Type' content='text/html; charset=UTF-8'><title>Catalog {escape(url)}</title>
<link rel='stylesheet' href='/thredds/tdsCat.css' type='text/css' >
</head>
<body><h1><img src='/thredds/unidataLogo.jpg' alt='TDS' align='left' valign='top'>
Catalog {escape(url)}</h1><HR size='1' noshade='noshade'><table width='100%' cellspacing='0' cellpadding='5' \
align='center'>
<tr>
<th align='left'><font size='+1'>Dataset</font></th>
<th align='center'><font size='+1'>Size</font></th>
<th align='right'><font size='+1'>Last Modified</font></th>
</tr><tr>
<td align='left'>&nbsp;&nbsp;&nbsp;&nbsp;
<img src='/thredds/folder.gif' alt='Folder'> &nbsp;<tt>{escape(directory)}</tt></td>
<td align='right'><tt>&nbsp;</tt></td>
<td align='right'><tt>--</tt></td>
</tr>
{rows}
</table>
<HR size='1' noshade='noshade'><h3>THREDDS Data Server [Version 4.6]</h3>
</body></html>
"""


def catalog_html_5(url: str, root: str, files: list[FileEntry]) -> str:
    """Return the catalog of a folder as THREDDS 5 shows it: double quotes, ``code``, class ``subset``."""
    directory = root.rpartition("/")[2]
    rows = "\n".join(
        f"""<tr class="subset">
<td>&nbsp;&nbsp;&nbsp;&nbsp;<a href="{link}">\
<code>{text}</code></a></td>
<td><code>{size}</code></td>
<td><code>{changed}</code></td>
</tr>"""
        for link, text, size, changed in (_cells(root, entry) for entry in files)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<title>TdsStaticCatalog {escape(url)}</title>
<link rel="stylesheet" href="/thredds/tds.css" type="text/css"/>
</head>
<body>
<h1>Catalog {escape(url)}</h1>
<table class="listing">
<tr class="root">
<th>Dataset</th>
<th>Size</th>
<th>Last Modified</th>
</tr>
<tr class="subset">
<td><img src="/thredds/folder.gif" alt="Folder"/> &nbsp;<code>{escape(directory)}</code></td>
<td><code>&nbsp;</code></td>
<td><code>--</code></td>
</tr>
{rows}
</table>
<h3>THREDDS Data Server [Version 5.4]</h3>
</body></html>
"""
