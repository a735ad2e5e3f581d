"""Mistakes in a configuration, told in sentences: where, what was given, what is allowed."""

import difflib
import typing
from datetime import date
from typing import Any

from pydantic import BaseModel

# pydantic's kinds of findings, in the words of someone who writes YAML
EXPECTED = {
    "list_type": "a list, written [a, b]",
    "model_type": "a mapping of keys and values",
    "dict_type": "a mapping of keys and values",
    "too_short": "at least one entry",
    "string_too_short": "a text that is not empty",
    "float_parsing": "a number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
# ... and of its bounds of numbers
BOUNDS = {"gt": "above", "ge": "from", "lt": "below", "le": "up to"}


def shown(value: Any) -> str:
    """Return a value as the user wrote it, shortened."""
    text = f"'{value}'" if isinstance(value, str) else str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def sentence(model: type[BaseModel], config: dict, finding: dict) -> str:
    """Turn one of pydantic's findings into a sentence.

    Parameters
    ----------
    model : type of BaseModel
        Of the whole configuration.
    config : dict
        As given.
    finding : dict
        One of ``ValidationError.errors()``.
    """
    location = list(finding["loc"])
    where, keys = _place(config, location)
    given, kind = finding["input"], finding["type"]
    if kind == "extra_forbidden":
        allowed = list(_model_at(model, location[:-1]).model_fields)
        close = difflib.get_close_matches(str(location[-1]), allowed, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        return f"{where}: unknown key '{keys}'; {hint}allowed are {', '.join(allowed)}."
    if kind == "missing":
        return f"{where}: key '{keys}' is missing."
    what = f"{where}, key '{keys}'" if keys else where
    if kind == "value_error":  # raised by the models' own checks, in words of their own
        return f"{what}: {finding['ctx']['error']}."
    if kind == "literal_error":
        words = finding["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return f"{what}: {shown(given)} is not allowed; allowed are {words}."
    return f"{what}: {shown(given)} is not allowed; allowed is {_expected(finding)}."


def _expected(finding: dict) -> str:
    """Return what would have been right."""
    for bound, words in BOUNDS.items():
        if bound in finding.get("ctx", {}):
            return f"a number {words} {finding['ctx'][bound]:g}"
    return EXPECTED.get(finding["type"], finding["msg"])


def _place(config: dict, location: list) -> tuple[str, str]:
    """Return (whose mistake it is, the key): ``("Stream 'central-caldera'", "begin")``."""
    who, rest = "Configuration", location
    if location[:1] == ["streams"] and len(location) > 1 and isinstance(location[1], int):
        row = config["streams"][location[1]]
        name = row.get("name") if isinstance(row, dict) else None
        who = f"Stream '{name}'" if isinstance(name, str) else f"Stream number {location[1] + 1}"
        rest = location[2:]
    keys = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
    return who, keys.lstrip(".")


def _model_at(model: type[BaseModel], location: list) -> type[BaseModel]:
    """Return the model that holds the keys at a location."""
    for part in location:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            inner = (annotation, *typing.get_args(annotation))
            model = next(kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel))
    return model
