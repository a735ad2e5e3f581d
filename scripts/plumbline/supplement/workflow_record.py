"""Which code made a supplement: its commit, whether its tree was clean, and a digest of its files."""

import hashlib
import json
import subprocess
from pathlib import Path

import yaml

from plumbline.supplement.contents import CODE_FILES, CODE_FOLDERS, code_files

UNKNOWN = "not known"
# Written by `git archive` (see .gitattributes), for a tree without its .git.
ARCHIVED = ".git_archival.txt"


def workflow_record(workflow: Path) -> dict:
    """Return what tells the code from another.

    Parameters
    ----------
    workflow : Path
        The folder of the Snakefile.

    Returns
    -------
    dict
        ``name``, ``version``, ``commit`` and whether the tree is ``clean`` (of the files that make results), ``code``,
        the SHA-256 of the list of these files with their SHA-256. Nothing of the machine.
    """
    cited = yaml.safe_load((workflow / "CITATION.cff").read_text(encoding="utf-8"))
    commit, clean = _by_git(workflow) or _by_archive(workflow) or (UNKNOWN, UNKNOWN)
    return {
        "name": "Plumbline",
        "version": str(cited["version"]),
        "commit": commit,
        "clean": clean,
        "code": digest_of_code(workflow),
    }


def digest_of_code(workflow: Path) -> str:
    """Return the SHA-256 of the list of the workflow's files, as `sha256sum` writes it."""
    digest = hashlib.sha256()
    for name in code_files(workflow):
        content = hashlib.sha256((workflow / name).read_bytes()).hexdigest()
        digest.update(f"{content}  {name}\n".encode())
    return digest.hexdigest()


def _by_git(workflow: Path) -> tuple[str, bool] | None:
    """Return (commit, clean) as git tells it; None where there is no repository of the workflow itself."""
    # A workflow that lies in somebody's repository of papers is not of that repository's commit.
    if not (workflow / ".git").exists():
        return None
    commit = _git(workflow, "rev-parse", "HEAD")
    # A configuration of one's own lies beside the default one, and is told in the supplement.
    changes = _git(workflow, "status", "--porcelain", "--", *CODE_FILES, *CODE_FOLDERS)
    return None if commit is None or changes is None else (commit, changes == "")


def _git(workflow: Path, *words: str) -> str | None:
    command = ["git", "-c", f"safe.directory={workflow.resolve()}", "-C", str(workflow), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _by_archive(workflow: Path) -> tuple[str, bool | str] | None:
    """Return (commit, clean) as the archive says it, or what a supplement says of the workflow in it.

    Whether an archive was edited since nobody can tell; a supplement knows what its workflow was.
    """
    try:
        lines = (workflow / ARCHIVED).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    facts = dict(line.split(": ", 1) for line in lines if ": " in line)
    commit = facts.get("node", "")
    if not commit or "Format" in commit:
        return None
    if "code" not in facts:
        return commit, UNKNOWN
    clean = json.loads(facts["clean"])
    return commit, clean if facts["code"] == digest_of_code(workflow) else False


def archived(record: dict) -> str:
    """Return the file that tells the workflow in a supplement, which has no git, whose commit it is."""
    return f"node: {record['commit']}\ncode: {record['code']}\nclean: {json.dumps(record['clean'])}\n"
