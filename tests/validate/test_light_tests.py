"""What a test of the judge alone needs: it must start at once."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = (
    "import sys, pytest\n"
    "for path in sys.argv[1:]:\n"
    "    if code := pytest.main(['-q', '-p', 'no:cacheprovider', path]):\n"
    "        sys.exit(code)\n"
    "    print('imported', *sorted({'torch', 'sympy', 'pandas'} & set(sys.modules)))\n"
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """What is heavy and imported after the tests of the judge, and then after one that does import it."""
    path = tmp_path_factory.mktemp("heavy") / "test_heavy.py"
    path.write_text("import sympy\n\n\ndef test_nothing():\n    assert sympy\n")
    command = [sys.executable, "-c", RUN, "tests/validate/test_judge.py", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=300)
    return [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("imported")]


def test_the_judge_is_tested_without_torch_and_sympy(imported):
    assert imported[0] == []


def test_a_heavy_import_would_be_seen(imported):
    assert imported[1:] == [["sympy"]]
