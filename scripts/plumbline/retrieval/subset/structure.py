"""What a remote netCDF-4 file says of a few of its variables: how they are stored, and where."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import h5py
import numpy as np

from plumbline.retrieval.subset.ranges import WholeOnlyError
from plumbline.samples.plausibility import LARGEST_PIECE_BYTES, complaint

# A file that OOI cuts at 500 MB has 27 000 chunks of the smallest kind that the netCDF library makes by itself.
MOST_CHUNKS = 200_000
MOST_ATTRIBUTE_BYTES = 1_000_000
MOST_ATTRIBUTES = 1_000

# A contiguous variable is fetched in pieces of so many bytes.
CONTIGUOUS_BYTES = 4 << 20

# How netCDF-4 notes dimensions in HDF5; these are made anew. The last tells which library wrote the file.
OF_DIMENSIONS = {"DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid", "_Netcdf4Coordinates"}
NOT_COPIED = OF_DIMENSIONS | {"_NCProperties"}


@dataclass(frozen=True)
class Attribute:
    """An attribute as it is stored: HDF5 type and space, and its value as it lies in memory (None: it has none)."""

    name: str
    kind: h5py.h5t.TypeID
    space: h5py.h5s.SpaceID
    value: np.ndarray | None


@dataclass
class Variable:
    """A variable and where its values lie.

    Attributes
    ----------
    name, dimension : str
    rows : int
    unlimited : bool
        Whether its dimension is.
    kind, space, creation
        HDF5 type, space and creation properties: layout, filters, fill value.
    attributes : list of Attribute
    chunk_rows : int
        0: it is stored in one piece.
    first_rows, masks, offsets, sizes : array
        Of each chunk, or of each piece of a contiguous variable: its first row, HDF5's mask of
        filters that were left out, its place in the remote file and its length there, bytes.
    inside : ndarray or None
        The values, where they lie in the structure itself.
    """

    name: str
    dimension: str
    rows: int
    unlimited: bool
    kind: h5py.h5t.TypeID
    space: h5py.h5s.SpaceID
    creation: h5py.h5p.PropDCID
    attributes: list[Attribute]
    chunk_rows: int
    first_rows: array = field(default_factory=lambda: array("q"))
    masks: array = field(default_factory=lambda: array("q"))
    offsets: array = field(default_factory=lambda: array("q"))
    sizes: array = field(default_factory=lambda: array("q"))
    inside: np.ndarray | None = None

    def add(self, row: int, mask: int, offset: int, size: int) -> None:
        """Note a chunk or piece."""
        for column, number in zip(
            (self.first_rows, self.masks, self.offsets, self.sizes), (row, mask, offset, size), strict=True
        ):
            column.append(number)


@dataclass(frozen=True)
class Structure:
    """The variables that were asked for, in their order, and the file's own attributes."""

    variables: list[Variable]
    attributes: list[Attribute]

    @property
    def bytes(self) -> int:
        """Stored length of all values."""
        return sum(sum(variable.sizes) for variable in self.variables)


def structure_of(file: h5py.File, names: list[str], length: int) -> Structure:
    """Read what is stored of some variables, and where.

    Parameters
    ----------
    file : h5py.File
    names : list of str
    length : int
        Of the file, bytes.

    Raises
    ------
    WholeOnlyError
        If a variable is not there, or is stored in a way that is not copied; says which and why.
    """
    if file.id.get_create_plist().get_userblock():
        raise WholeOnlyError("its HDF5 part does not begin at its first byte")
    variables = [_variable(_number(file, name), name, length) for name in names]
    structure = Structure(variables, list(_attributes(file)))
    if structure.bytes > length:
        raise WholeOnlyError("its variables claim more bytes than it has")
    return structure


def _number(file: h5py.File, name: str) -> h5py.Dataset:
    """Return a variable that holds one number for each row, stored in the file itself."""
    link = file.get(name, getlink=True)
    if link is None:
        raise WholeOnlyError(f"it has no variable '{name}'")
    dataset = file[name] if isinstance(link, h5py.HardLink) else None
    if not isinstance(dataset, h5py.Dataset):
        raise WholeOnlyError(f"'{name}' is no variable of its own")
    if dataset.ndim != 1 or dataset.id.get_type().get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT):
        raise WholeOnlyError(f"'{name}' is not one number for each row")
    if trouble := complaint(dataset):
        raise WholeOnlyError(f"'{name}' {trouble}")
    if not dataset.id.get_create_plist().all_filters_avail():
        raise WholeOnlyError(f"'{name}' is packed by a filter that is not known here")
    return dataset


def _variable(dataset: h5py.Dataset, name: str, length: int) -> Variable:
    space, creation = dataset.id.get_space(), dataset.id.get_create_plist()
    unlimited = space.get_simple_extent_dims(True)[0] == h5py.h5s.UNLIMITED
    variable = Variable(
        name,
        _dimension(dataset, name),
        dataset.shape[0],
        unlimited,
        dataset.id.get_type().copy(),
        space,
        creation,
        list(_attributes(dataset)),
        dataset.chunks[0] if dataset.chunks else 0,
    )
    layout = creation.get_layout()
    if layout == h5py.h5d.CHUNKED:
        _find_chunks(dataset, variable)
    elif layout == h5py.h5d.COMPACT:
        variable.inside = dataset[:]
    elif layout == h5py.h5d.CONTIGUOUS:
        _cut_contiguous(dataset, variable)
    else:
        raise WholeOnlyError(f"'{name}' is stored in a way that is not known here")
    for offset, size in zip(variable.offsets, variable.sizes, strict=True):
        if offset < 0 or size <= 0 or offset + size > length:
            raise WholeOnlyError(f"'{name}' has values that lie outside the file")
    return variable


def _find_chunks(dataset: h5py.Dataset, variable: Variable) -> None:
    """Note every chunk, in one walk through the index: asking for chunk after chunk walks it anew each time."""
    most = min(MOST_CHUNKS, -(-variable.rows // variable.chunk_rows))
    trouble = []

    def note(chunk: h5py.h5d.StoreInfo) -> bool | None:
        (row,) = chunk.chunk_offset
        if len(variable.offsets) == most:
            trouble.append("has more chunks than it has room for")
        elif row % variable.chunk_rows or row >= variable.rows:
            trouble.append("has a chunk where none can be")
        elif chunk.size > LARGEST_PIECE_BYTES:
            trouble.append("has a chunk that is too large to unpack")
        else:
            variable.add(row, chunk.filter_mask, chunk.byte_offset or -1, chunk.size)
        return True if trouble else None  # anything but None ends the walk

    dataset.id.chunk_iter(note)
    if trouble:
        raise WholeOnlyError(f"'{variable.name}' {trouble[0]}")


def _cut_contiguous(dataset: h5py.Dataset, variable: Variable) -> None:
    """Note a contiguous variable in pieces of bounded length."""
    offset, size = dataset.id.get_offset(), dataset.dtype.itemsize
    if offset is None:  # nothing was ever written
        return
    rows = CONTIGUOUS_BYTES // size
    if variable.rows > rows * MOST_CHUNKS:
        raise WholeOnlyError(f"'{variable.name}' has values that lie outside the file")
    for row in range(0, variable.rows, rows):
        variable.add(row, 0, offset + row * size, min(rows, variable.rows - row) * size)


def _dimension(dataset: h5py.Dataset, name: str) -> str:
    """Return the name of a variable's dimension; ``obs`` where the file does not tell."""
    if dataset.is_scale:
        return name
    for scale in dataset.dims[0].values():
        path = str(scale.name or "").rpartition("/")
        if path[0] == "" and path[2]:
            return path[2]
    return "obs"


def _attributes(item: h5py.File | h5py.Dataset) -> Iterator[Attribute]:
    """Yield the attributes that are copied, as they are stored.

    Raises
    ------
    WholeOnlyError
        If there is one that is neither a number nor a text, or is too large.
    """
    if h5py.h5a.get_num_attrs(item.id) > MOST_ATTRIBUTES:
        raise WholeOnlyError("it has too many attributes")
    for name in item.attrs:
        if name in NOT_COPIED:
            continue
        stored = h5py.h5a.open(item.id, name.encode())
        kind, space = stored.get_type(), stored.get_space()
        texts = kind.get_class() == h5py.h5t.STRING
        if not texts and kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT):
            raise WholeOnlyError(f"its attribute '{name}' is of a kind that is not copied")
        if stored.get_storage_size() > MOST_ATTRIBUTE_BYTES:
            raise WholeOnlyError(f"its attribute '{name}' is too large")
        value = None
        if space.get_simple_extent_type() != h5py.h5s.NULL:
            if texts and kind.is_variable_str():
                value = np.empty(stored.shape, stored.dtype)
                stored.read(value)
            else:
                # Without a conversion: netCDF writes texts without the end that HDF5 would make room for.
                value = np.empty(stored.shape, f"V{kind.get_size()}")
                stored.read(value, mtype=kind)
        yield Attribute(name, kind.copy(), space, value)
