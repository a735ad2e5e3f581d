"""What a netCDF file declares, held against its size: files come from elsewhere and may declare anything."""

import h5py

# Deflate cannot shrink by more than this (zlib's technical notes: 1032 to 1).
MOST_COMPRESSION = 1032
# A compressed piece is unpacked whole. OOI's hold 10 000 values.
LARGEST_PIECE_BYTES = 64_000_000


def complaint(dataset: h5py.Dataset) -> str:
    """Return why a dataset of numbers cannot be read in bounded memory and time, or "".

    Parameters
    ----------
    dataset : h5py.Dataset
        One number for each row.
    """
    if dataset.external or dataset.is_virtual:
        return "keeps its values in other files"
    size = dataset.dtype.itemsize
    if dataset.chunks and dataset.chunks[0] * size > LARGEST_PIECE_BYTES:
        return f"is stored in pieces of {dataset.chunks[0]} values, too large to unpack"
    return ""


def too_long_for_its_bytes(dataset: h5py.Dataset) -> bool:
    """Tell whether a dataset declares more rows than its stored bytes can hold, however well compressed."""
    return dataset.size * dataset.dtype.itemsize > MOST_COMPRESSION * max(dataset.id.get_storage_size(), 1)
