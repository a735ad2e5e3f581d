"""On what was measured: the machine, the versions, the state of the code."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = [
    "numpy",
    "h5py",
    "netCDF4",
    "pandas",
    "xarray",
    "polars",
    "duckdb",
    "pyarrow",
    "aiohttp",
    "requests",
    "matplotlib",
    "snakemake",
]
REPOSITORY = Path(__file__).parent.parent


def machine() -> dict[str, str]:
    """Return the machine and what runs on it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "system": platform.platform(terse=True),
        "load": f"{os.getloadavg()[0]:.0f}" if hasattr(os, "getloadavg") else "not known",
        "Python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Return the versions of what is measured and of what it is measured against."""
    return {name: _version(name) for name in PACKAGES}


def commit() -> str:
    """Return the commit that the code is at, and whether scripts were changed since."""
    try:
        words = {"capture_output": True, "text": True, "check": True, "cwd": REPOSITORY}
        head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], **words).stdout.strip()
        changed = subprocess.run(["git", "status", "--porcelain", "scripts"], **words).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not known"
    return f"{head}, changed" if changed else head


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
