"""What is built can be installed: the source archive, the wheel made of it, and its use from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bounds", "empirics", "validate", "figures", "fosp")
USE = """
import fosp, sys
from fosp import Constants, audit, check, estimate, measure, problems, recommend, simulate, statement
assert fosp.__file__.startswith(sys.prefix), fosp.__file__
from bounds import ledger
assert ledger.kept_reasons("sharp.gradient-relation")
from bounds.kit import stored
assert stored.current() and stored.read(2), "the formulas of the recommendation are not what is installed"
from fosp.__main__ import main
for words in ("explain sharp.gradient-relation --html", "explore --out explore.html"):
    assert main(words.split()) == 0, words
"""
COMMANDS = (
    ("recommend", "--L", "1", "--rho", "1", "--sigma", "0.3", "--sigma-tilde", "0.3", "--sigma-H", "0.3",
     "--Delta", "1", "--epsilon", "0.1"),
    ("figures", "--help"),
)  # fmt: skip


def required(whose: str = "fosp", seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the distributions that one needs, without its extras, and what they need."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found = seen | {canonicalize_name(whose)}
    for line in requires(whose) or ():
        need = Requirement(line)
        name = canonicalize_name(need.name)
        if name not in found and (need.marker is None or need.marker.evaluate({"extra": ""})):
            found |= required(name, found)
    return found


@pytest.fixture(scope="module")
def linked(tmp_path_factory) -> Path:
    """A folder with links to what belongs to the distributions that fosp requires, and nothing else."""
    folder = tmp_path_factory.mktemp("required")
    for name in required() - {"fosp"}:
        for top in {file.parts[0] for file in distribution(name).files or ()} - {"..", "__pycache__"}:
            if not (folder / top).exists():
                (folder / top).symlink_to(distribution(name).locate_file(top))
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that is built from the source archive."""
    built = tmp_path_factory.mktemp("built")
    hatch = (sys.executable, "-m", "hatchling", "build", "-d", str(built))
    subprocess.run([*hatch, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(built, filter="data")
    source = next(path for path in built.iterdir() if path.is_dir())
    subprocess.run([*hatch, "-t", "wheel"], cwd=source, check=True, capture_output=True)
    return next(built.glob("*.whl"))


def installed(wheel: Path, linked: Path, place: Path) -> Path:
    """Install the wheel into a new environment beside what it requires; return its folder of programs."""
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    pip = (
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
    )
    subprocess.run(
        [*pip, str(wheel)], check=True, capture_output=True, env=os.environ | {"PIP_CONFIG_FILE": os.devnull}
    )
    site = next((place / "lib").glob("python*")) / "site-packages"
    (site / "required.pth").write_text(f"{linked}\n", encoding="utf-8")
    return place / "bin"


def test_what_is_built_has_every_file_and_works_from_another_folder(wheel, linked, tmp_path):
    inside = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert set(listed.stdout.split()) <= inside
    programs = installed(wheel, linked, tmp_path / "environment")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    calls = [(str(programs / "fosp"), *command) for command in COMMANDS]
    for call in (*calls, (str(programs / "python"), "-c", USE)):
        done = subprocess.run(call, cwd=elsewhere, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{call}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def test_what_is_not_required_is_not_linked(linked):
    names = {path.name for path in linked.iterdir()}
    assert {"numpy", "torch", "z3", "rich"} <= names
    assert not {"pytest", "sphinx", "dask", "sklearn", "bounds"} & names
