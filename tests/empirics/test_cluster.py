"""A real Dask cluster on the loopback: the same numbers, failures, a killed worker, a lost scheduler."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import engine_work
import pandas as pd
import pytest

from bounds.errors import InputError
from empirics import Cell, Store, read_sweep, run_cells, run_sweep
from empirics.engines import EngineError, open_engine
from empirics.engines.cluster import DaskCluster
from empirics.sweeps import tasks

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
trustme = pytest.importorskip("trustme")
TLS = "distributed.comm.tls"
SPEC = "ripple:dim=3,n_tasks=4"


@contextmanager
def started(workers):
    """A cluster of processes that outlive their workers' deaths."""
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    os.environ["PYTHONPATH"] = paths
    patient = dask.config.set({"distributed.deploy.lost-worker-timeout": "1h"})
    with (
        patient,
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=50,
        ) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def cluster():
    with started(1) as running:
        yield running


@pytest.fixture
def runner(cluster):
    return open_engine(cluster.scheduler_address)


@pytest.fixture(scope="module")
def mortal():
    """Workers of whom one can die while another one lives."""
    with started(2) as running:
        yield open_engine(running.scheduler_address)


def test_every_item_has_its_outcome_and_failures_stay_with_theirs(runner):
    found = dict(runner.map(engine_work.fail_on_three, range(6)))
    assert found.pop(3).reason == "ValueError: three"
    assert found == {0: 0, 1: 1, 2: 2, 4: 4, 5: 5}


def test_the_numbers_are_those_of_this_process(cluster, plan, tmp_path):
    cells = [Cell(SPEC, plan, replicates=70), Cell(SPEC, plan, "hf-maml", replicates=3)]
    found = run_cells(cells, Store(tmp_path), cluster.scheduler_address)
    for left, right in zip(found, run_cells(cells, engine="serial"), strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)


def test_a_sweep_on_the_cluster_has_the_numbers_of_this_process(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "TARGET", 1)
    grid = {"problem": SPEC, "algorithm": ["maml", "hf-maml"], "epsilon": 0.4, "seeds": 2}
    suite = {"replicates": 70, "iterations": 3, "grid": [grid]}
    there = run_sweep(suite, tmp_path / "there", engine=cluster.scheduler_address)
    here = run_sweep(suite, tmp_path / "here", engine="serial")
    pd.testing.assert_frame_equal(there, here, check_exact=True)
    tables = [read_sweep(tmp_path / name).set_index(["cell", "replicate"]) for name in ("there", "here")]
    assert tables[0].sort_index().to_csv() == tables[1].sort_index().to_csv()


def test_few_items_are_under_way_at_a_time(cluster, monkeypatch):
    futures, most = [], []
    submit = distributed.Client.submit

    def counted(client, *args, **more):
        futures.append(submit(client, *args, **more))
        most.append(sum(not one.done() for one in futures))
        return futures[-1]

    monkeypatch.setattr(distributed.Client, "submit", counted)
    found = dict(DaskCluster(cluster.scheduler_address, ahead=2).map(engine_work.double, range(40)))
    assert found == {number: 2 * number for number in range(40)}
    assert max(most) <= 4


@pytest.mark.faults
def test_a_killed_worker_loses_nothing(mortal, tmp_path):
    items = [(number, str(tmp_path / "died")) for number in range(8)]
    assert dict(mortal.map(engine_work.die_once, items)) == {number: 10 * number for number in range(8)}
    assert (tmp_path / "died").exists()


@pytest.mark.slow
def test_an_item_that_kills_every_worker_fails_alone(mortal):
    found = dict(mortal.map(engine_work.die_always, list(range(5))))
    assert "KilledWorker" in found.pop(2).reason
    assert found == {number: 10 * number for number in range(5) if number != 2}


def test_a_cluster_without_workers_ends_the_run_after_a_while():
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50) as empty,
        pytest.raises(EngineError, match=r"no worker for 0\.5 s"),
    ):
        list(DaskCluster(empty.scheduler_address, patience=0.5).map(engine_work.double, [1]))


@pytest.mark.slow
@pytest.mark.faults
def test_a_scheduler_that_is_lost_ends_the_run_at_once_and_finished_cells_stay(plan, tmp_path):
    dask, port = Path(sys.executable).with_name("dask"), "18786"
    address, store = f"tcp://127.0.0.1:{port}", Store(tmp_path)
    paths = os.pathsep.join(map(str, (Path(__file__).parent, Path(__file__).parents[2])))
    start = partial(subprocess.Popen, env=os.environ | {"PYTHONPATH": paths}, stderr=subprocess.DEVNULL)
    scheduler = start([dask, "scheduler", "--port", port, "--no-dashboard"])
    worker = start([dask, "worker", address, "--nthreads", "1", "--no-dashboard"])
    cells = [Cell(SPEC, plan), Cell(SPEC, plan, "engine_work:sleepy_maml")]
    try:
        distributed.Client(address, timeout="60s", set_as_default=False).close()

        def kill(done, total):
            if done:
                scheduler.kill()

        with pytest.raises(EngineError, match="lost"):
            run_cells(cells, store, address, kill)
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    assert store.failure(cells[1]) is None
    assert sum(store.get(cell) is not None for cell in cells) <= 1


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Certificates of an authority of this test, as Dask's configuration names them."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "own.pem")
    own = str(folder / "own.pem")
    ends = [f"{role}.{end}" for role in ("scheduler", "worker", "client") for end in ("cert", "key")]
    return {f"{TLS}.ca-file": str(folder / "ca.pem")} | {f"{TLS}.{end}": own for end in ends}


def test_an_encrypted_cluster_works_with_certificates_and_refuses_without(certificates):
    with dask.config.set(certificates):
        secure = distributed.Security(require_encryption=True)
        with distributed.LocalCluster(
            n_workers=1,
            processes=False,
            dashboard_address=None,
            silence_logs=50,
            security=secure,
            protocol="tls",
        ) as running:
            address = running.scheduler_address
            assert address.startswith("tls://")
            assert dict(open_engine(address).map(engine_work.double, [1, 2])) == {0: 2, 1: 4}
            with (
                dask.config.set(dict.fromkeys(certificates)),
                pytest.raises(InputError, match="certificates"),
            ):
                next(open_engine(address).map(engine_work.double, [1]))


def test_an_address_where_nobody_answers_is_refused():
    with pytest.raises(InputError, match="must be a running Dask scheduler"):
        next(DaskCluster("tcp://127.0.0.1:9", answer=0.3).map(engine_work.double, [1]))
