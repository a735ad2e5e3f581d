"""What a computing step is made of: a digest of the modules that its script uses.

Snakemake reruns a script when the script itself changes, but it does not look into what the
script imports. The digest is a parameter of every computing rule, so that it does.
"""

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "plumbline"


def digest_of(script: str | Path) -> str:
    """Return a digest of the sources of a script and of every Plumbline module that it imports.

    Imports are followed from module to module, those inside functions too.

    Parameters
    ----------
    script : str or Path
        A script in the folder that holds the package.
    """
    script = Path(script)
    digest = hashlib.sha256()
    for module in sources_of(script):
        for name, content in _content(module, script.parent):
            digest.update(name.encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def sources_of(script: Path) -> list[Path]:
    """Return a script and every module of Plumbline that it imports, sorted.

    Parameters
    ----------
    script : Path
        A script in the folder that holds the package.
    """
    return sorted({script, *_closure(script, script.parent)})


@functools.cache
def _content(module: Path, root: Path) -> list[tuple[str, bytes]]:
    """Return name and content of a module, and of the tables beside it that it names: numbers are code, too."""
    source = module.read_bytes()
    tables = [path for path in sorted(module.parent.glob("*.csv")) if path.name.encode() in source]
    files = [(module, source), *((path, path.read_bytes()) for path in tables)]
    return [(path.relative_to(root).as_posix(), content) for path, content in files]


def _closure(script: Path, root: Path) -> set[Path]:
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        for module in _imports(waiting.pop(), root) - found:
            found.add(module)
            waiting.append(module)
    return found


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield all statements below a node. Expressions, most of a source, import nothing and are passed by."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, name, ()):
            yield inner
            yield from _statements(inner)


@functools.cache
def _imports(source: Path, root: Path) -> set[Path]:
    """Return the files of the package that one source file imports."""
    names: set[str] = set()
    for node in _statements(ast.parse(source.read_text(encoding="utf-8"), str(source))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            # `from package import module` names a module, too
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    files: set[Path] = set()
    for name in names:
        parts = name.split(".")
        if parts[0] != PACKAGE:
            continue
        for depth in range(1, len(parts) + 1):
            place = root.joinpath(*parts[:depth])
            files.update(path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file())
    return files
