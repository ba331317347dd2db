"""Every file of ``examples/`` runs as it stands, in a process and a folder of its own.

The processes are forks of one that has imported what they need, but for the one example that needs little.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path
    for path in (ROOT / "examples").glob("*.py")
    if path.name != "__init__.py" and not path.stem.endswith("_theory")
)
SAYS = {
    "audit_own_step": ("through_the_graph: maml", "graph_lost: fo-maml", "outer-batch-as-hessian"),
    "draw_figures": ("which.svg", "Figure "),
    "own_problem": (),
    "real_tasks": ("if the estimated L", "habit, alpha 0.4", "real_tasks.svg"),
    "recommend": ("guarantee 0.09999", "the smallest reachable epsilon is 0.0399805"),
    "use_own_problem": ("L            0.4868, largest found ", "accuracy.random CONSISTENT"),
    "validate_own_algorithm": ("with_full_hessian: MAML", "without_hessian: not MAML", "it is FO-MAML"),
}
"""What each example is for, and so must print; what ends in ``_theory`` is run by ``fosp --theory``."""
COLD = "recommend"
LONG = ("draw_figures", "real_tasks", "validate_own_algorithm")
EACH = [pytest.param(path, marks=pytest.mark.slow if path.stem in LONG else ()) for path in FILES]


def _run(path: Path, where: Path) -> subprocess.CompletedProcess[str]:
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, path],
        cwd=where,
        env=settings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("path", EACH, ids=lambda path: path.stem)
def test_an_example_runs_and_shows_what_it_is_for(path, tmp_path, warm):
    done = _run(path, tmp_path) if path.stem == COLD else warm.run("python", path, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [words for words in SAYS[path.stem] if words not in done.stdout] == []


def test_an_example_that_fails_is_noticed(tmp_path, warm):
    (tmp_path / "broken.py").write_text("from bounds import recommend\nrecommend(None, 0.1)\n")
    for done in (_run(tmp_path / "broken.py", tmp_path), warm.run("python", "broken.py", cwd=tmp_path)):
        assert done.returncode == 1
        assert "must be Constants" in done.stderr


@pytest.mark.parametrize("name", LONG)
def test_an_example_that_takes_long_finds_what_it_imports(name, tmp_path, warm):
    path = ROOT / "examples" / f"{name}.py"
    (tmp_path / "imports.py").write_text(f"import runpy\nrunpy.run_path({str(path)!r})\n")
    done = warm.run("python", "imports.py", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60


def test_every_example_says_what_it_is_for():
    assert set(SAYS) == {path.stem for path in FILES}
