"""One process warms up for a batch and all its workers."""

import os
from concurrent.futures import ProcessPoolExecutor

import psutil
import pytest

from analysis import project
from analysis.batch import execute, kernels, zygote


def _told(pipe):
    pipe.send((os.getpid(), os.getppid()))


def _of_worker() -> tuple[int, int]:
    """The parents of a worker and of what it has forked."""
    fork = kernels.Fork(_told)
    _, parent = fork.pipe.recv()
    fork.wait()
    return os.getppid(), parent


@pytest.mark.skipif(not zygote.CAN_FORK, reason="this system has no forkserver")
def test_a_worker_asks_the_zygote_that_it_comes_from_for_its_kernels():
    given = project.PROJECT, dict(os.environ)
    with ProcessPoolExecutor(1, zygote.context(), execute.start_worker, given) as pool:
        own, of_kernel = pool.submit(_of_worker).result()
    assert own == of_kernel != os.getpid()
    assert psutil.Process(own).ppid() == os.getpid()
