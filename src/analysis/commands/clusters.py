"""Work shared by machines: ``cluster init``, ``scheduler`` and ``worker`` build pages together,
``cluster release`` frees what one of them left in a store."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.batch import certificates, cluster
from analysis.commands.terminal import fail, say, stored
from analysis.language.messages import tell
from analysis.storage import store_locks
from analysis.storage.locks import HeldError


def init(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Where its certificates go; else among the settings of this user.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make the certificates with which scheduler, workers and runs know each other."""
    where = (folder or certificates.folder()).absolute()
    try:
        certificates.make(where)
    except (certificates.CertificateError, OSError) as error:
        fail(error)
    say(tell("{folder}: certificates. Who has them can run code as you", folder=where))
    if where != certificates.folder().absolute():
        say(
            tell(
                "In each console first: export {name}={folder} (Windows: set {name}={folder})",
                name=certificates.FOLDER,
                folder=where,
            )
        )
    say(tell("Next: cluster scheduler; cluster worker tls://127.0.0.1:8786; then run PERIOD"))
    say(tell("with --scheduler tls://127.0.0.1:8786; other machines need a copy of the folder"))


def scheduler(
    host: Annotated[
        str, typer.Option(help="Where it listens; 127.0.0.1: to this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.", min=0, max=65535)] = cluster.PORT,
) -> None:
    """Be the scheduler of a cluster until Ctrl-C: who has its certificates can run code on it."""
    try:
        cluster.scheduler(host, port)
    except (certificates.CertificateError, OSError) as error:
        fail(error)


def worker(
    address: Annotated[str, typer.Argument(help="Its scheduler: tls://127.0.0.1:8786.")],
    threads: Annotated[int, typer.Option(help="How many pages at the same time.", min=1)] = 1,
) -> None:
    """Be a worker of a cluster until Ctrl-C; start it in the folder of the project."""
    try:
        cluster.worker(cluster.address(address), threads)
    except (certificates.CertificateError, cluster.ClusterError, OSError) as error:
        fail(error)


def release(
    code: Annotated[str, typer.Argument(help="The period or edition: 2026-Q3, apci-2022; home.")],
    store: Annotated[str, typer.Option(help="The store, as of run.")],
) -> None:
    """Free a period in a store of a run that is no more (its machine was switched off)."""
    shared = stored(store)
    say(tell("Watching for {n} seconds whether it lives …", n=round(store_locks.WATCHED)))
    try:
        who = store_locks.release(shared, code, store_locks.WATCHED)
    except (HeldError, store_locks.StoreError) as error:
        fail(error)
    if who is None:
        say(tell("{code}: nobody is at work on it there", code=code))
    else:
        say(tell("{code}: freed of {who}", code=code, who=who))
