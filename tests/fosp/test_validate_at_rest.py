"""``fosp validate`` on a problem of one's own that starts where the gradient of F is 0."""

import json

from fosp.__main__ import main

CODE = """
import numpy as np
from empirics import problems

NONE = dict.fromkeys(("rho", "sigma", "sigma_tilde", "sigma_H", "Delta"), 0.0)


def make():
    known = {name: problems.certified(value) for name, value in ({"L": 1.0} | NONE).items()}
    return problems.own_problem(lambda w, x: (w**2 / 2).sum() + 0 * x, [(np.zeros(2),)], [0.0], known)
"""


def test_a_start_at_rest_is_judged_and_named(monkeypatch, tmp_path, capsys):
    (tmp_path / "at_rest_here.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    asked = ["--claims", "accuracy,plateau,descent", "--replicates", "8", "--engine", "serial", "--json"]
    assert main(["validate", "--problem", "at_rest_here:make", "--algorithm", "fo-maml", *asked]) == 0
    rows = json.loads(capsys.readouterr().out)["verdicts"]
    assert {row["status"] for row in rows} == {"CONSISTENT", "NOT_APPLICABLE"}
    told = [row["detail"] for row in rows if row["claim"] == "descent"]
    assert len(told) == 1
    assert "problem = 'at_rest_here:make': must be" in told[0]
