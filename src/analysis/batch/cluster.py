"""A cluster of Dask: whoever can speak to its scheduler runs code as the owners of its workers.

So all of it speaks TLS, between holders of the same certificates (:mod:`batch.certificates`), and
an address without it is refused, on this machine, too: others may have accounts here. It listens on
this machine alone unless a host is named. The pages that Dask serves by HTTP ask nobody who they
are, and are left out.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from analysis.batch.certificates import Certificates, folder
from analysis.language.messages import tell
from analysis.storage.addresses import without_secrets

PORT = 8786
_GIVEN_UP = 10  # seconds without an answer
_AWAITED = 120  # seconds until the first worker is there
_QUIET = {
    "distributed.comm.require-encryption": True,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


class ClusterError(Exception):
    """The cluster cannot be spoken to; the message says why, and what to do."""


def address(text: str) -> str:
    """The address of a scheduler in full; ``host`` and ``host:port`` are meant with TLS.

    Raises
    ------
    ClusterError
        if it is one without TLS.
    """
    kind, _, place = text.rpartition("://")
    if kind not in ("", "tls"):
        raise ClusterError(
            tell(
                "{address}: without TLS whoever reaches the scheduler can run code as you. "
                "Start it with: python -m analysis cluster init; python -m analysis cluster "
                "scheduler; and name it tls://{place}",
                address=without_secrets(text),
                place=without_secrets(f"://{place}").removeprefix("://"),
            )
        )
    ported = ":" in place.rpartition("]")[2]  # an address of IPv6 stands in brackets
    return f"tls://{place}" if ported else f"tls://{place}:{PORT}"


@contextmanager
def connected(where: str) -> Iterator[Executor]:
    """The workers of the scheduler at :func:`address`, as long as it answers: what they have not
    done when it goes is cancelled.

    Raises
    ------
    ClusterError
        if no scheduler answers there that has the same certificates, or it has no worker.
    analysis.batch.certificates.CertificateError
    """
    held = Certificates(folder()).checked()
    from distributed import Client, Security  # only where it is asked for: a second

    for handler in logging.getLogger("distributed").handlers:
        handler.setLevel(logging.CRITICAL)  # what a user should know is told by us

    files = {"tls_client_cert": str(held.certificate), "tls_client_key": str(held.key)}
    security = Security(require_encryption=True, tls_ca_file=str(held.authority), **files)
    try:
        client = Client(where, security=security, timeout=_GIVEN_UP, set_as_default=False)
    except OSError as error:
        raise ClusterError(
            tell(
                "{address}: no scheduler answers that has the certificates of {folder}. "
                "Is it started (python -m analysis cluster scheduler), with the same files?",
                address=where,
                folder=held.folder,
            )
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_AWAITED)
        except TimeoutError as error:
            raise ClusterError(
                tell(
                    "{address}: the scheduler has no worker after {n} seconds: python -m analysis "
                    "cluster worker {address}",
                    address=where,
                    n=_AWAITED,
                )
            ) from error
        yield client.get_executor(pure=False)


def scheduler(host: str, port: int) -> None:
    """Be a scheduler until this process is told to stop."""
    _serve("scheduler", ["--protocol", "tls", "--host", host, "--port", str(port)])


def worker(where: str, threads: int) -> None:
    """Be a worker of the scheduler at :func:`address`, until either is told to stop."""
    # warm kernels need a process that may have children, which that of a nanny may not
    _serve("worker", [where, "--no-nanny", "--nthreads", str(threads)])


def _serve(what: str, options: list[str]) -> None:
    held = Certificates(folder()).checked()
    import dask
    from distributed.cli import dask_scheduler, dask_worker

    command = {"scheduler": dask_scheduler, "worker": dask_worker}[what].main
    files = ["--tls-ca-file", held.authority, "--tls-cert", held.certificate]
    for handler in logging.getLogger("distributed").handlers:
        handler.addFilter(_told)
    options += ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    # its folder goes to the front of where modules are sought: nobody else may write there
    with TemporaryDirectory(prefix="reform-monitor-") as own, dask.config.set(_QUIET):
        dask.config.set({"temporary-directory": own})
        command([*options, *map(str, files), "--tls-key", str(held.key)], standalone_mode=False)


def _told(record: logging.LogRecord) -> bool:
    """Dask logs what a task was given, and with it the address of a store."""
    record.msg, record.args = without_secrets(record.getMessage()), ()
    return True
