"""A netCDF file as DAP2 describes and sends it, with the habits of a THREDDS server.

Sources: the DAP2 specification (ESE-RFC-004.1.1: DDS, DAS, constraint expressions, XDR encoding), and
THREDDS' NcDDS, NcDAS and OpendapServlet: arrays of characters are strings, whose length and
dimension stand in the attributes ``DODS``; unlimited dimensions in ``DODS_EXTRA``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import h5py
import numpy as np

# numpy's kind and size: DAP2's name, and how its elements travel. Bytes alone are packed.
TYPES = {
    "f8": ("Float64", ">f8"),
    "f4": ("Float32", ">f4"),
    "i4": ("Int32", ">i4"),
    "u4": ("UInt32", ">u4"),
    "i2": ("Int16", ">i4"),
    "u2": ("UInt16", ">u4"),
    "u1": ("Byte", "u1"),
    "i1": ("Byte", "u1"),
}
BLOCK_ROWS = 50_000
PROJECTION = re.compile(r"([^\[\],?]+)((?:\[[^\]]*\])*)")
# What HDF5 and netCDF keep for themselves.
HIDDEN = ("CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Coordinates", "_Netcdf4Dimid", "_NCProperties")
NOT_A_VARIABLE = b"This is a netCDF dimension but not a netCDF variable"


class ConstraintError(Exception):
    """A constraint that asks for what is not there."""


@dataclass(frozen=True)
class Variable:
    """A variable along one dimension, or a text for each of its places.

    Attributes
    ----------
    name : str
    dtype : str
        numpy's kind and size; ``S`` for texts.
    dimension : str
    size : int
        Length of the dimension.
    width : int
        Greatest length of a text, 0 for numbers.
    """

    name: str
    dtype: str
    dimension: str
    size: int
    width: int = 0

    @property
    def type(self) -> str:
        """Name of the type in DAP2."""
        return "String" if self.dtype == "S" else TYPES[self.dtype][0]


@dataclass(frozen=True)
class Projection:
    """What is asked of a variable: places from begin to stop (exclusive) by a stride."""

    variable: Variable
    begin: int
    stop: int
    stride: int

    @property
    def count(self) -> int:
        """How many places."""
        return len(range(self.begin, self.stop, self.stride))

    @property
    def bytes(self) -> int:
        """Length as THREDDS reckons it before it reads anything: a text as long as it can be."""
        variable = self.variable
        return self.count * (variable.width if variable.dtype == "S" else np.dtype(variable.dtype).itemsize)


def variables_of(file: h5py.File) -> dict[str, Variable]:
    """Return the variables of a file by name."""
    found = {}
    for name, one in file.items():
        if not isinstance(one, h5py.Dataset) or one.attrs.get("NAME", b"").startswith(NOT_A_VARIABLE):
            continue
        dimension = _dimensions(file, one)[0] if "DIMENSION_LIST" in one.attrs else name
        if one.dtype.kind == "S":
            found[name] = Variable(name, "S", dimension, one.shape[0], one.shape[1])
        else:
            found[name] = Variable(name, one.dtype.str[1:], dimension, one.shape[0])
    return found


def _dimensions(file: h5py.File, one: h5py.Dataset) -> list[str]:
    return [file[refs[0]].name.lstrip("/") for refs in one.attrs["DIMENSION_LIST"]]


def projections(variables: dict[str, Variable], constraint: str) -> list[Projection]:
    """Read a constraint expression: names with hyperslabs, comma between; empty: everything.

    Raises
    ------
    ConstraintError
        If it asks for what is not there, or selects by value.
    """
    text = unquote(constraint).strip()
    if "&" in text:
        raise ConstraintError("selections are not possible in a file of arrays")
    if not text:
        return [Projection(one, 0, one.size, 1) for one in variables.values()]
    found = []
    for part in text.split(","):
        match = PROJECTION.fullmatch(part.strip())
        variable = variables.get(match[1]) if match else None
        if variable is None:
            raise ConstraintError(f"No such variable: {part}")
        found.append(_projection(variable, match[2]))
    return found


def _projection(variable: Variable, slabs: str) -> Projection:
    """Return the projection of ``[place]``, ``[first:last]`` or ``[first:stride:last]``; the last is included."""
    if not slabs:
        return Projection(variable, 0, variable.size, 1)
    numbers = re.fullmatch(r"\[(\d+)(?::(\d+))?(?::(\d+))?\]", slabs)
    if numbers is None:
        raise ConstraintError(f"Invalid hyperslab of {variable.name}: {slabs}")
    first, second, third = (None if one is None else int(one) for one in numbers.groups())
    last = first if second is None else second if third is None else third
    stride = 1 if third is None else second
    if not first <= last < variable.size or stride < 1:
        raise ConstraintError(f"Invalid hyperslab of {variable.name}: {slabs}; its size is {variable.size}")
    return Projection(variable, first, last + 1, stride)


def dds(name: str, wanted: list[Projection]) -> str:
    """Return the structure of what is asked for; `name` is the dataset's path."""
    lines = [f"    {one.variable.type} {one.variable.name}[{one.variable.dimension} = {one.count}];" for one in wanted]
    # Clients' parsers take a name to end at the @ of a mail address.
    return "\n".join(["Dataset {", *lines, f"}} {quote(name)};", ""])


def das(file: h5py.File, fill_mismatch: bool) -> str:
    """Return the attributes of a file.

    Parameters
    ----------
    file : h5py.File
    fill_mismatch : bool
        Give ``_FillValue`` another type than its variable has.
    """
    lines, unlimited = ["Attributes {"], set()
    for name, variable in variables_of(file).items():
        one = file[name]
        lines.append(f"    {name} {{")
        for key, value in sorted(one.attrs.items(), key=lambda item: item[0] != "_FillValue"):
            if key not in HIDDEN and not (key == "_FillValue" and variable.dtype == "S"):
                lines += _attribute(key, value, 8, fill_mismatch and key == "_FillValue")
        if one.chunks:
            lines.append(f"        Int32 _ChunkSizes {', '.join(str(size) for size in one.chunks)};")
        if one.maxshape[0] is None:
            unlimited.add(variable.dimension)
        if variable.dtype == "S":
            lines += ["        DODS {", f"            Int32 strlen {variable.width};"]
            lines += [f'            String dimName "{_dimensions(file, one)[1]}";', "        }"]
        lines.append("    }")
    lines.append("    NC_GLOBAL {")
    for key, value in file.attrs.items():
        if key not in HIDDEN:
            lines += _attribute(key, value, 8, mismatch=False)
    lines.append("    }")
    if unlimited:
        lines += ["    DODS_EXTRA {", f'        String Unlimited_Dimension "{min(unlimited)}";', "    }"]
    return "\n".join([*lines, "}", ""])


def _attribute(name: str, value: object, indent: int, mismatch: bool) -> list[str]:
    """Return the line of an attribute."""
    space = " " * indent
    if isinstance(value, bytes | str | h5py.Empty):
        text = "" if isinstance(value, h5py.Empty) else value.decode() if isinstance(value, bytes) else value
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        return [f'{space}String {name} "{quoted}";']
    values = np.atleast_1d(value)
    if values.dtype.kind not in "iuf":
        return []
    kind = values.dtype.str[1:]
    named = TYPES.get(kind, ("Int32", None))[0]
    if mismatch:
        named = "Float32" if kind == "f8" else "Float64"
    return [f"{space}{named} {name} {', '.join(_number(one) for one in values)};"]


def _number(value: np.generic) -> str:
    """Return a number as Java writes one: a real number always with a fraction."""
    return repr(float(value)) if value.dtype.kind == "f" else str(int(value))


def data(path: Path, wanted: list[Projection]) -> Iterator[bytes]:
    """Yield the values of what is asked for in XDR, block by block.

    An array of numbers has its length twice, one of texts once; each text has its own length and
    is filled up to a multiple of four bytes, as an array of bytes is.
    """
    with h5py.File(path, "r") as file:
        for one in wanted:
            length = np.array([one.count], dtype=">u4").tobytes()
            yield length if one.variable.dtype == "S" else length * 2
            packed = 0
            for begin in range(one.begin, one.stop, BLOCK_ROWS * one.stride):
                stop = min(begin + BLOCK_ROWS * one.stride, one.stop)
                block = file[one.variable.name][begin : stop : one.stride]
                if one.variable.dtype == "S":
                    yield texts(block)
                    continue
                content = block.astype(TYPES[one.variable.dtype][1]).tobytes()
                packed += len(content)
                yield content
            yield b"\0" * (-packed % 4)


def texts(characters: np.ndarray) -> bytes:
    """Return texts in XDR.

    Parameters
    ----------
    characters : ndarray of S1, shape (n, width)
        A text ends before its first zero byte.
    """
    count, width = characters.shape
    octets = np.ascontiguousarray(characters).view(np.uint8).reshape(count, width)
    ended = np.logical_or.accumulate(octets == 0, axis=1)
    lengths = width - ended.sum(axis=1)
    room = 4 + -(-lengths // 4) * 4
    begins = np.concatenate([[0], np.cumsum(room)])
    out = np.zeros(begins[-1], dtype=np.uint8)
    out[begins[:-1, None] + np.arange(4)] = lengths.astype(">u4").view(np.uint8).reshape(count, 4)
    inside = ~ended
    out[(begins[:-1, None] + 4 + np.arange(width))[inside]] = octets[inside]
    return out.tobytes()
