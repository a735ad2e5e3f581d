"""What a figure says of its product: the words that stand in the product's own netCDF file."""

from pathlib import Path

import netCDF4

from plumbline.figures.style import Labels, mark_of


def labels_of(path: Path, station: str, stream: str, window: str) -> Labels:
    """Return the words of a figure.

    Parameters
    ----------
    path : Path
        CF-netCDF of the product, whose attributes say how it was made and where the data come from.
    station, stream : str
        Reference designator (of a pair: both) and OOI's stream.
    window : str
        What time a value stands for.
    """
    with netCDF4.Dataset(path) as file:
        told = {name: str(file.getncattr(name)) for name in file.ncattrs()}
    depth = _said(told, "depth_method") or _said(told, "depth")
    return Labels(
        station,
        stream,
        window,
        "; ".join(words for words in (_depth(depth), _tide(told), _deployments(told)) if words),
        _drift(told),
        mark_of(told["synthetic"] == "yes", told["source_server"], told["data_origin"]),
        _tide(told).split(":")[0],
    )


def pair_words(streams: list[dict[str, str]]) -> tuple[str, str]:
    """Return the stations of a pair and their streams as words.

    Parameters
    ----------
    streams : list of dict
        What metadata say of the centre and of the reference station.
    """
    centre, reference = streams
    names = dict.fromkeys(stream["stream"] for stream in streams)
    return f"{centre['reference_designator']} less {reference['reference_designator']}", " and ".join(names)


def _said(told: dict[str, str], name: str) -> str:
    """Return what a file says, of a pair that was not made alike: of both."""
    if name in told:
        return told[name]
    both = ((who, told.get(f"{name}_of_the_{who}")) for who in ("centre", "reference"))
    return ", ".join(f"{text} ({who})" for who, text in both if text)


def _depth(text: str) -> str:
    return f"depth {text.removeprefix('ooi: ').removeprefix('teos10: ')}" if text else ""


def _tide(told: dict[str, str]) -> str:
    """Return which tide was taken off, without the numbers of each constituent."""
    predicted = _said(told, "predicted_tide")
    filtered = _said(told, "low_pass_filter").split(";")[0] or "none"
    if filtered != "none":
        before = f"{predicted}, and " if predicted and predicted != "none" else ""
        return f"tide removed: {before}low-pass filter, {filtered}"
    if not predicted or predicted == "none":
        return "tide not removed"
    fitted = told.get("fitted_tide") or told.get("fitted_tide_of_the_centre") or "none"
    if fitted.startswith("none"):
        return f"tide removed: {predicted}"
    count = fitted.split(";")[0].count(",") + 1
    return f"tide removed: {predicted}, and {count} constituents fitted to what these leave"


def _deployments(told: dict[str, str]) -> str:
    joined = [text for name, text in told.items() if name.startswith("deployments")]
    return "deployments joined by estimated offsets" if any("offset" in text for text in joined) else ""


def _drift(told: dict[str, str]) -> str:
    """Return the drift's statement in short: whoever sees a level has to know."""
    if "drift" in told:
        return _short(told["drift"])
    return "; ".join(
        f"{_short(told.get(f'drift_of_the_{who}', 'not known'))} ({who})" for who in ("centre", "reference")
    )


def _short(text: str) -> str:
    return f"drift {text.split(':')[0] if text.startswith('not corrected') else text.split(';')[0]}"
