"""A job of the workflow as a process of its own, to be measured: ``script_job.py SCRIPT JOB``.

SCRIPT is one of scripts/, JOB a JSON file: the working folder, and what Snakemake hands to the script.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
# As Snakemake has it for a rule of one thread.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import snakemake.script  # noqa: E402, F401 (what Snakemake puts before every script loads it)

job = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
os.chdir(job.pop("folder"))
named = {part: SimpleNamespace(**value) if isinstance(value, dict) else value for part, value in job.items()}
runpy.run_path(str(SCRIPTS / sys.argv[1]), init_globals={"snakemake": SimpleNamespace(**named)})
