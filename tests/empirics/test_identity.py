"""What stands behind a name of the user's: an edit anywhere that matters gives another identity."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from bounds.errors import InputError
from empirics.digest import digest
from empirics.importing import import_named, require_unedited
from validate.stored import require_trust
from validate.suite import from_dict, load

FILES = {
    "plant_of_mine.py": (
        "import numpy as np\nimport torch\nfrom pathlib import Path\nfrom kit import readings\n"
        "from empirics import problems\nSCALE = float(Path('scale.txt').read_text())\n"
        "def loss(w, x):\n    return SCALE * ((w - x) ** 2).sum()\n"
        "def make():\n    known = {n: problems.estimated(1.0) for n in\n"
        "             ('L', 'rho', 'sigma', 'sigma_tilde', 'sigma_H', 'Delta')}\n"
        "    return problems.own_problem(loss, [(readings.table(),)], [0.0, 0.0], known)\n"
    ),
    "kit/__init__.py": "",
    "kit/readings.py": (
        "import numpy as np\nfrom . import units\n\n"
        "def table():\n    return units.GAIN * np.loadtxt('data.csv', ndmin=2)\n"
    ),
    "kit/units.py": "GAIN = 1.0\n",
    "data.csv": "1 2\n3 4\n",
    "scale.txt": "1.0",
    "bystander.py": "X = 1\n",
}


def there(folder):
    """Return the identity, in a process that has not imported the modules yet."""
    from empirics.identity import problem_identity

    os.chdir(folder)
    return problem_identity("plant_of_mine:make")


@pytest.fixture
def identity(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def now():
        with multiprocessing.get_context("fork").Pool(1) as fresh:
            return fresh.apply(there, (tmp_path,))

    return now


def test_an_edit_of_anything_that_the_problem_draws_on_is_another_problem(identity, tmp_path):
    before = identity()
    assert set(before["files"]) == {"plant_of_mine", "kit", "kit.readings", "kit.units"}
    (tmp_path / "bystander.py").write_text("X = 2\n")
    assert identity() == before
    for name, text in {
        "kit/units.py": "GAIN = 3.0\n",
        "data.csv": "1 2\n3 4.0000000001\n",
        "scale.txt": "2.0",
        "plant_of_mine.py": FILES["plant_of_mine.py"].replace("[0.0, 0.0]", "[0.0, 0.5]"),
    }.items():
        (tmp_path / name).write_text(text)
        assert identity() != before, name
        (tmp_path / name).write_text(FILES[name])


def test_functions_are_told_apart_by_their_code_and_by_what_they_close_over():
    def made(scale, offset=0.0):
        return lambda w, x: scale * (w - x) ** 2 + offset

    assert digest(made(1.0)) == digest(made(1.0))
    assert digest(made(1.0)) != digest(made(2.0))
    assert digest(lambda w: w + 1) != digest(lambda w: w + 2)
    assert digest({"a": [1, 2.0]}) != digest({"a": [1, 2]})


def test_a_module_edited_after_its_import_is_not_computed_with(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "edited_later.py").write_text("def d(oracle, w, alpha):\n    return w\n")
    assert callable(import_named("direction", "edited_later:d"))
    require_unedited("direction", "edited_later:d")
    (tmp_path / "edited_later.py").write_text("def d(oracle, w, alpha):\n    return 2 * w\n")
    with pytest.raises(InputError, match="start a new process"):
        require_unedited("direction", "edited_later:d")


def test_a_file_with_the_name_of_a_module_of_python_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "colorsys.py").write_text("raise SystemExit(9)\n")
    with pytest.raises(InputError, match="give the file another name"):
        import_named("problem", "colorsys:make")


def test_code_that_only_a_file_names_is_not_imported():
    suite = from_dict({"lemmas": [{"problem": "some_plant:make"}, {"problem": "ripple"}]})
    with pytest.raises(InputError, match="--problem some_plant:make"):
        require_trust("resume", suite)
    with pytest.raises(InputError, match="must be one of this run"):
        require_trust("resume", suite, ["some_plant:make", "another:make"])
    require_trust("resume", suite, ["some_plant:make"])


@pytest.mark.parametrize("name", ["default", "quick", "full", "paper"])
def test_a_suite_that_is_shipped_needs_no_trust(name):
    require_trust("CONFIG", load(name))
