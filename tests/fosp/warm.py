"""``fosp`` in a process that has imported everything before: a fork for each command, for pages of many commands.

``Warm(folder)`` writes an executable ``fosp`` into the folder. It hands its arguments, environment, directory and
streams to a server, which forks; so pipes and redirections work, and each command finds no state of another one.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

CLIENT = """#!{python} -SE
import json, os, socket, sys
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    socket.send_fds(line, [len(asked).to_bytes(8, "big")], [0, 1, 2])
    line.sendall(asked)
    code = line.recv(4)
sys.exit(int.from_bytes(code, "big") if code else 70)
"""
IMPORTED = (
    *(
        "fosp.__main__",
        "fosp.output",
        "bounds.ledger",
        "bounds.recommendation.planning",
        "empirics.estimation",
    ),
    *(
        "validate.examine",
        "validate.rundir",
        "validate.instances",
        "validate.audit.auditing",
        "figures.build",
    ),
    *(
        "z3",
        "scipy.optimize",
        "pyarrow.parquet",
        "matplotlib.backends.backend_agg",
        "matplotlib.backends.backend_svg",
    ),
)


class Warm:
    """A server for the commands of a test, and the folder to put first on PATH."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder, address = folder, str(folder / "line")
        client = folder / "fosp"
        client.write_text(CLIENT.format(python=sys.executable, address=address), encoding="utf-8")
        client.chmod(0o755)
        self.server = subprocess.Popen(
            [sys.executable, __file__, address], stdout=subprocess.PIPE, text=True, env=settings
        )
        assert self.server.stdout is not None
        assert self.server.stdout.readline() == "ready\n"

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *failure: object) -> None:
        self.server.terminate()
        self.server.wait()


def serve(address: str) -> None:
    """Fork for every command that comes in."""
    from importlib import import_module

    from bounds import statements

    del sys.path[0]
    for name in IMPORTED:
        import_module(name)
    statements()
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(address)
        line.listen()
        os.write(1, b"ready\n")
        while True:
            caller, _ = line.accept()
            with caller:
                if os.fork() == 0:
                    line.close()
                    _answer(caller)
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _answer(caller: socket.socket) -> None:
    import json

    size, streams, _, _ = socket.recv_fds(caller, 8, 3)
    asked = b""
    while len(asked) < int.from_bytes(size, "big"):
        asked += caller.recv(1 << 16)
    argv, folder, environment = json.loads(asked)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    sys.stdin = os.fdopen(0)
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    sys.stdout, sys.stderr = (
        TextIOWrapper(os.fdopen(n, "wb", 0), encoding=encoding, write_through=True) for n in (1, 2)
    )
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = ["fosp", *argv]
    code = 70
    try:
        from fosp.__main__ import main

        code = main()
    except SystemExit as left:
        code = int(left.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        caller.sendall(code.to_bytes(4, "big"))
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
