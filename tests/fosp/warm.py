"""A process that has imported everything before, and a fork of it for each command: for many small commands.

``Warm(folder)`` starts it, and writes an executable ``fosp`` into the folder that hands its arguments,
environment, directory and streams to it, so that pipes and redirections work; ``run`` does the same for ``fosp``
or ``python`` without a shell. Each command is a process of its own and finds no state of another one. It finds one
processor, so that what it runs by default is run in that process: the others would each have to import everything.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

CLIENT = """#!{python} -SE
import os, sys
sys.path.insert(0, {here!r})
from asking import ask
sys.exit(ask({address!r}, ["fosp", *sys.argv[1:]], os.getcwd(), dict(os.environ), [0, 1, 2]))
"""
ROOT = Path(__file__).resolve().parents[2]
IMPORTED = (
    *(
        "fosp.__main__",
        "fosp.output",
        "bounds.ledger",
        "bounds.recommendation.planning",
        "empirics.estimation.estimating",
    ),
    *(
        "validate.examine",
        "validate.rundir",
        "validate.instances",
        "validate.claims",
        "validate.audit.auditing",
        "figures.build",
    ),
    *(
        "z3",
        "scipy.optimize",
        "sklearn.datasets",
        "sympy.codegen.ast",
        "torch._decomp.decompositions_for_jvp",
        "torch._dynamo",
        "pyarrow.parquet",
        "matplotlib.backends.backend_agg",
        "matplotlib.backends.backend_svg",
    ),
)


class Warm:
    """A server for the commands of tests, and the folder to put first on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address = folder, str(folder / "line")
        client = folder / "fosp"
        here = str(Path(__file__).parent)
        client.write_text(
            CLIENT.format(python=sys.executable, here=here, address=self.address), encoding="utf-8"
        )
        client.chmod(0o755)
        own = {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
        command = [sys.executable, __file__, self.address]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | own)
        assert self.server.stdout is not None
        assert self.server.stdout.readline() == "ready\n"

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *failure: object) -> None:
        self.server.terminate()
        self.server.wait()

    def run(
        self, *words: object, cwd: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``fosp ...``, ``python FILE ...`` or ``python -m MODULE ...`` to its end."""
        from asking import ask

        told = [str(word) for word in words]
        with (
            Path(os.devnull).open() as nothing,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            streams = [nothing.fileno(), out.fileno(), err.fileno()]
            code = ask(self.address, told, str(cwd), dict(environment or os.environ), streams)
            for stream in (out, err):
                stream.seek(0)
            read = [stream.read().decode(_encoding(environment or os.environ)) for stream in (out, err)]
            return subprocess.CompletedProcess(told, code, *read)


def _encoding(environment: Mapping[str, str]) -> str:
    return environment.get("PYTHONIOENCODING", "utf-8")


def serve(address: str) -> None:
    """Fork for every command that comes in."""
    import socket
    from importlib import import_module

    from asking import asked_of

    from bounds import ledger, statements

    del sys.path[0]
    _stay_on_one_processor()
    for name in IMPORTED:
        import_module(name)
    statements()
    ledger._stored()
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(address)
        line.listen()
        os.write(1, b"ready\n")
        while True:
            caller, _ = line.accept()
            with caller:
                if os.fork() == 0:
                    line.close()
                    _answer(*asked_of(caller), caller.sendall)
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _stay_on_one_processor() -> None:
    """Take one of the processors, another one in each process of pytest."""
    if hasattr(os, "sched_setaffinity"):
        found = sorted(os.sched_getaffinity(0))
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        os.sched_setaffinity(0, {found[number % len(found)]})


def _answer(words, folder, environment, streams, tell) -> None:
    """Be the process that was asked for, to its end."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    sys.stdin = os.fdopen(0)
    encoding = _encoding(environment)
    sys.stdout, sys.stderr = (
        TextIOWrapper(os.fdopen(n, "wb", 0), encoding=encoding, write_through=True) for n in (1, 2)
    )
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = 1
    try:
        code = _ran(*words)
    except SystemExit as left:
        code = int(left.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        tell(code.to_bytes(4, "big"))
        os._exit(code)


def _ran(program: str, *argv: str) -> int:
    if program == "fosp":
        from fosp.__main__ import main

        sys.argv[:] = [program, *argv]
        return main()
    if argv[0] == "-m":
        sys.argv[:] = argv[1:]
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv[:] = argv
        sys.path.insert(0, str(Path(argv[0]).parent))
        runpy.run_path(argv[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
