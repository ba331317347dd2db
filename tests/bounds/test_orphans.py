from __future__ import annotations

import subprocess
import sys

import pytest

ORPHANED = """
from multiprocessing import Lock, synchronize

synchronize.SemLock.__setstate__(Lock(), (1, 1, 1, "/gone"))
"""


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (ORPHANED, False),
        ("open('/nowhere/at/all')", True),
        ("raise RuntimeError('a bug')", True),
    ],
)
def test_a_worker_is_silent_only_about_a_parent_that_is_gone(code, says):
    command = [sys.executable, "-c", f"import bounds.orphans\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert ("Error" in done.stderr) == says
