"""A small netCDF-4 file made of chunks as they are stored in a large one: nothing is unpacked."""

from pathlib import Path

import h5py
import numpy as np

from plumbline.retrieval.subset.structure import Attribute, Structure, Variable

# As the netCDF library writes: everything since HDF5 1.8 reads it.
FORMAT = ("v108", "v108")
ORDERED = h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED

# How the netCDF library names the scale of a dimension that has no values of its own.
NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable."


class SubsetFile:
    """The file that is written. The same structure and values give the same bytes.

    Parameters
    ----------
    path : Path
        What is there is replaced.
    structure : Structure
        The first variable is written first.
    marks : dict
        Global attributes to add: texts, whole numbers.
    """

    def __init__(self, path: Path, structure: Structure, marks: dict[str, str | int]) -> None:
        creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
        creation.set_link_creation_order(ORDERED)
        creation.set_attr_creation_order(ORDERED)
        creation.set_obj_track_times(False)
        access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        access.set_libver_bounds(h5py.h5f.LIBVER_V18, h5py.h5f.LIBVER_V18)
        access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)
        self._file = h5py.File(h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, creation, access))
        self._variables = {one.name: h5py.Dataset(_create(self._file, one)) for one in structure.variables}
        _write_attributes(self._file, structure.attributes)
        for name, value in marks.items():
            self._file.attrs[name] = np.int64(value) if isinstance(value, int) else value
        for place, dimension in enumerate(dict.fromkeys(one.dimension for one in structure.variables)):
            self._lay_out(dimension, place, [one for one in structure.variables if one.dimension == dimension])
        for variable in structure.variables:
            if variable.inside is not None:
                self._variables[variable.name][:] = variable.inside

    def __enter__(self) -> "SubsetFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(self, variable: Variable, place: int, content: bytes) -> None:
        """Write one chunk, or one piece of a contiguous variable, as it was stored."""
        dataset, row = self._variables[variable.name], variable.first_rows[place]
        if variable.chunk_rows:
            dataset.id.write_direct_chunk((row,), content, variable.masks[place])
        else:
            values = np.frombuffer(content, dataset.dtype)
            dataset[row : row + values.size] = values

    def _lay_out(self, name: str, place: int, variables: list[Variable]) -> None:
        """Make a dimension and give it to the variables that lie along it."""
        scale = self._variables.get(name)
        if scale is None:
            rows = max(variable.rows for variable in variables)
            unlimited = any(variable.unlimited for variable in variables)
            # Nothing is ever stored in it, whatever its chunks.
            about = {"maxshape": (None,), "chunks": (1024,)} if unlimited else {}
            scale = self._file.create_dataset(name, (rows,), ">f4", track_times=False, **about)
            scale.make_scale(f"{NO_VARIABLE}{rows:10d}")
        else:
            scale.make_scale(name)
        scale.attrs["_Netcdf4Dimid"] = np.int32(place)
        for variable in variables:
            if variable.name != name:
                self._variables[variable.name].dims[0].attach_scale(scale)


def _create(file: h5py.File, variable: Variable) -> h5py.h5d.DatasetID:
    creation = variable.creation.copy()
    creation.set_obj_track_times(False)
    creation.set_attr_creation_order(ORDERED)
    made = h5py.h5d.create(file.id, variable.name.encode(), variable.kind, variable.space, creation)
    _write_attributes(h5py.Dataset(made), variable.attributes)
    return made


def _write_attributes(item: h5py.File | h5py.Dataset, attributes: list[Attribute]) -> None:
    for attribute in attributes:
        made = h5py.h5a.create(item.id, attribute.name.encode(), attribute.kind, attribute.space)
        if attribute.value is None:
            continue
        as_stored = attribute.value.dtype.kind == "V"
        made.write(attribute.value, mtype=attribute.kind if as_stored else None)
