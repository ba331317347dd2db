"""Tables compile in a paper of two columns, with the packages that their first line names, and fit."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from bounds import explain, statements
from figures.figure import figures
from fosp.commands.explain import _latex
from validate import tables
from validate.verdict import Status, Verdict

PDFLATEX = shutil.which("pdflatex")
needs_latex = pytest.mark.skipif(PDFLATEX is None, reason="pdflatex is not installed")


def verdict(**changed) -> Verdict:
    fields = {
        "claim": "plateau.fixed-point", "statement": "sharp.fo-maml.guarantee", "algorithm": "fo-maml",
        "problem": "plateau:dim=2,n_tasks=2,seed=0,sigma=0.1,Delta=1,sigma_tilde=0.3",
        "status": Status.CONSISTENT, "statistic": 1.234567e-7, "interval": (1.1e-7, 0.0623), "level": 0.9999,
        "bound": 25938.2, "slack": 2.1e11, "slack_interval": (1.6, 2.5), "n": 64,
        "setting": "alpha L = 0.1, B = 3",
        "detail": "||grad F|| < x_1 & 50% of {y}~z^2 #1 $5 \\ \"end\"", "seed": 7, "relation": "at most",
    }  # fmt: skip
    return Verdict(**(fields | changed))


LONGEST = ["matrix.product.line", "tasks.without-replacement", "difference.bias", "quadratic.stationary"]
ROWS = [verdict(claim=name, algorithm=who) for name in LONGEST for who in ("maml-full-hessian", "hf-maml")]
ROWS += [verdict(status=Status.NOT_APPLICABLE, relation="equal", statistic=float("nan"))]


def compiled(table, tmp_path):
    """Return what pdflatex says of a two-column paper with a table."""
    packages = table.splitlines()[0].removeprefix("% ")
    assert packages.startswith(r"\usepackage{")
    paper = [r"\documentclass[twocolumn]{article}", packages, r"\begin{document}", table, r"\end{document}"]
    (tmp_path / "paper.tex").write_text("\n".join(paper), encoding="utf-8")
    command = [PDFLATEX, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def complaints(said):
    return re.findall(r"Overfull \\hbox.*|.*Float too large.*|.*Missing \$.*", said)


@needs_latex
@pytest.mark.parametrize("width", ["page", "column"])
@pytest.mark.parametrize("rows", [ROWS, 12 * ROWS], ids=["short", "long"])
def test_verdicts_fit(width, rows, tmp_path):
    assert complaints(compiled(tables.latex(rows, None, width), tmp_path)) == []


@needs_latex
def test_every_column_can_be_had(tmp_path):
    compiled(tables.latex(ROWS, list(tables.COLUMNS)), tmp_path)


@needs_latex
@pytest.mark.parametrize("suffix", [".tex", ".column.tex"])
def test_table_one_fits(suffix, frames, tmp_path):
    assert complaints(compiled(figures()["table1"].texts(frames["table1"])[suffix], tmp_path)) == []


@needs_latex
def test_a_table_that_is_too_wide_would_be_noticed(tmp_path):
    wide = tables.latex(ROWS, None, "column").replace("consistent", "inconsistentestestestestest")
    assert complaints(compiled(wide, tmp_path)) != []


@needs_latex
def test_statements_are_in_math_mode(tmp_path):
    told = "\n".join(map(_latex, map(explain, list(statements())[::30])))
    compiled(f"% \\usepackage{{amsmath,amssymb}}\n{told}", tmp_path)
