"""Where the work of a sweep is done: here, in local processes, or on a Dask cluster."""

from __future__ import annotations

from bounds import arguments
from bounds.errors import InputError
from empirics import checks
from empirics.engines.base import Engine, EngineError, Failure

__all__ = ["Engine", "EngineError", "Failure", "open_engine"]


def open_engine(name: str, workers: int | None = None) -> Engine:
    """Return the engine of that name.

    Parameters
    ----------
    name : str
        ``local`` (processes), ``serial`` (this process), ``tls://HOST:PORT`` or, without any authentication,
        ``tcp://HOST:PORT`` (a Dask scheduler).
    workers : int, optional
        Local processes. Default: one per processor that this process may use.

    Raises
    ------
    InputError
        When there is no such engine.
    """
    if workers is not None:
        checks.count("workers", workers)
    allowed = "must be local, serial, tls://HOST:PORT or tcp://HOST:PORT"
    if arguments.text("engine", name, allowed).startswith(("tcp://", "tls://")):
        from empirics.engines.cluster import DaskCluster

        return DaskCluster(name)
    if name not in ("local", "serial"):
        raise InputError("engine", name, allowed)
    from empirics.engines.local import Serial, local, processors

    count = processors() if workers is None else workers
    return Serial() if name == "serial" or count == 1 else local(count)
