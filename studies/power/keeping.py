"""Results as they come, one JSON line each, so that an interrupted measurement goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import bounds
import empirics
import validate
from studies.power.measure import Job, Row, measure

WORKERS = 2


def version() -> str:
    """Return the first digits of a digest of the product's sources."""
    digest = hashlib.sha256()
    for package in (bounds, empirics, validate):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(f"{root.name}/{path.relative_to(root)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def kept(path: Path, of: str) -> dict[Job, Row]:
    """Return what the file holds of this version."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return {tuple(row["job"]): row for row in rows if row["version"] == of}


def measured(jobs: Iterable[Job], path: Path, workers: int | None = None) -> Mapping[Job, Row]:
    """Do the jobs that the file does not hold yet, and return the rows of all of them.

    A job that raised has its error in its row; it is done again the next time.
    """
    of = version()
    found = {job: row for job, row in kept(path, of).items() if "error" not in row}
    missing = [job for job in dict.fromkeys(jobs) if job not in found]
    count = workers or min(WORKERS, len(os.sched_getaffinity(0)))
    with (
        path.open("a", encoding="utf-8") as file,
        ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool,
    ):
        for future in as_completed([pool.submit(_timed, job) for job in missing]):
            row = future.result() | {"version": of}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            found[tuple(row["job"])] = row
    return {job: found[job] for job in dict.fromkeys(jobs)}


def _timed(job: Job) -> Row:
    started = time.monotonic()
    try:
        row = measure(job)
    except Exception as error:
        row = {"error": f"{type(error).__name__}: {error}"}
    return {"job": list(job), "seconds": round(time.monotonic() - started, 2)} | row
