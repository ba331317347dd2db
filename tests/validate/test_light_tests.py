"""What a test of the judge alone needs: it must start at once."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = (
    "import sys, pytest; code = pytest.main(sys.argv[1:]); "
    "print('imported', *sorted({'torch', 'sympy', 'pandas'} & set(sys.modules))); sys.exit(code)"
)


def imported(*arguments):
    """Run tests in a process of their own; return what they imported of what is heavy."""
    command = [sys.executable, "-c", RUN, "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=300)
    return done.stdout.splitlines()[-1].split()[1:]


def test_the_judge_is_tested_without_torch_and_sympy():
    assert imported("tests/validate/test_judge.py") == []


def test_a_heavy_import_would_be_seen(tmp_path):
    path = tmp_path / "test_heavy.py"
    path.write_text("import sympy\n\n\ndef test_nothing():\n    assert sympy\n")
    assert imported(str(path)) == ["sympy"]
