"""Fast kernels that are still real kernels: each notebook has a fresh process, forked warm.

A kernel spends most of its start importing pandas and matplotlib. Here a zygote
(:mod:`analysis.batch.zygote`) imports them once; every kernel is a fork of it that then becomes an
ordinary ipykernel with its own session, environment and random state. It is offered through
jupyter_client's extension point, a kernel provisioner, so papermill and nbclient work unchanged.
Where the platform cannot fork, ordinary kernels are used.
"""

import asyncio
import multiprocessing
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.localinterfaces import localhost
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import CaselessStrEnum, Type, default

from analysis import project
from analysis.batch import interrupts, zygote
from analysis.lineage import trace
from analysis.project import SAFE_PATH
from analysis.storage import scratch

try:
    from resource import RLIMIT_DATA, prlimit
except ImportError:  # only Linux limits another process
    prlimit = None

PROVISIONER = "warm-provisioner"
MEMORY = "REFORM_MONITOR_MEMORY"
"""Environment variable of a kernel: how many bytes it may use; as many as there are, if empty."""
KERNELSPECS = Path(__file__).parent / "jupyter" / "kernels"
"""JupyterLab uses the same kernels where ``JUPYTER_PATH`` names the folder above this one."""

_POLL = 0.002  # seconds between looks at a forked process
_OURS = ["--ext=analysis.batch.last_sought", "--ext=analysis.lineage.trace"]
# nobody types into the kernel of a page
_UNATTENDED = ["--HistoryManager.enabled=False", "--IPythonKernel._execute_sleep=0"]


class Fork:
    """A fork of the zygote: what LocalProvisioner needs of a subprocess.Popen, and a pipe to it.

    ``become``: what the fork does, given ``given`` and its end of the pipe.
    """

    stdin = stdout = stderr = None

    def __init__(self, become: Callable[..., None], *given: Any) -> None:
        zygote.warm_up()
        context = multiprocessing.get_context("forkserver")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=become, args=(*given, theirs))
        self._process.start()
        theirs.close()  # the fork's end is the only one left: its closing can be seen
        self.pid = self._process.pid

    async def listening(self) -> None:
        """Wait until the kernel has bound its sockets, or has died before."""
        while not self.pipe.poll():
            await asyncio.sleep(_POLL)
        self.pipe.close()

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


def _become_kernel(
    cmd: list[str], env: dict[str, str], cwd: str | None, listens: Connection
) -> None:
    """Turn a fork of the zygote into an ordinary kernel."""
    settle(env, cwd)
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    initialize(app, ["-f", cmd[cmd.index("-f") + 1]])
    listens.close()
    app.start()


def settle(env: dict[str, str], cwd: str | None) -> None:
    """Leave nothing of the parent's state in a fork; it ends with the process that asked for it."""
    os.setsid()
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(env)
    if env.get(project.ROOT):  # the zygote was started for one project and serves any
        project.turn_to(env[project.ROOT])
    if cwd:
        os.chdir(cwd)
    interrupts.hear()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # the kernel's banner; what cells print goes as messages
        os.dup2(quiet, stream)


def initialize(app: Any, options: list[str]) -> None:
    """Make a kernel of this fork (``app``: ipykernel's IPKernelApp), as it would start anew."""
    unattended = _UNATTENDED if trace.VARIABLE in os.environ else []
    app.initialize([*options, *_OURS, *unattended])
    if "matplotlib" in sys.modules:  # it and its backend look for a kernel only on their import
        sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
        sys.modules.pop("matplotlib_inline.backend_inline", None)


def limit(pid: int | None, env: Mapping[str, str]) -> None:
    """Let a process have no more memory than it may: it gets an error, and the machine lives."""
    if prlimit and pid and env.get(MEMORY):
        with suppress(ProcessLookupError):  # a kernel that died at once is told of elsewhere
            prlimit(pid, RLIMIT_DATA, (int(env[MEMORY]),) * 2)


def end_with_parent() -> None:
    """Wait for the process that started this one, and end when it does (in a thread of its own)."""
    # ipykernel watches its parent process, but here that is the zygote, which in turn lives as long
    # as any kernel: without this both would outlive a caller that is killed
    multiprocessing.parent_process().join()
    scratch.clear()
    os._exit(1)


class WarmProvisioner(LocalProvisioner):
    """Launches kernels as forks of the zygote; falls back to an ordinary process."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        env = {k: str(v) for k, v in (kwargs.get("env") or os.environ).items()}
        if not zygote.fits():
            kwargs["env"] = env | {SAFE_PATH: "1"}
            connection = await super().launch_kernel([*cmd, *_OURS], **kwargs)
            limit(self.pid, env)
            return connection
        env["JPY_PARENT_PID"] = str(os.getpid())
        self.process = Fork(_become_kernel, cmd, env, kwargs.get("cwd") or os.getcwd())
        self.pid = self.process.pid
        self.pgid = None  # the fork may not have called setsid yet; signals go to it alone
        self.cwd = kwargs.get("cwd")
        # a client that connects to a socket which is not there yet tries again after 100 ms
        await self.process.listening()
        limit(self.pid, env)
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        await super().kill(restart)
        await self.wait()  # here, as the manager would look every 100 ms

    async def wait(self) -> int | None:
        # the ordinary provisioner looks every 100 ms
        while self.process and self.process.poll() is None:
            await asyncio.sleep(_POLL)
        return await super().wait()


class WarmKernelClient(AsyncKernelClient):
    """A client that is ready as soon as its kernel is; the ordinary one listens for 200 ms more."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask for the kernel's description until its answer and its idle status have come.

        Raises
        ------
        RuntimeError
            if the kernel dies, or does not answer within ``timeout`` seconds.
        """
        end = time.monotonic() + (60 if timeout is None else timeout)
        while time.monotonic() < end:
            asked = self.kernel_info()
            with suppress(Empty):
                self._handle_kernel_info_reply(await self.shell_channel.get_msg(timeout=1))
                while not _idle_after(await self.iopub_channel.get_msg(timeout=0.1), asked):
                    pass
                return
            if not await self.parent.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


def _idle_after(message: dict, asked: str) -> bool:
    status = message["content"].get("execution_state")
    return message["parent_header"].get("msg_id") == asked and status == "idle"


class WarmKernelManager(AsyncKernelManager):
    """A kernel manager whose kernels are forked warm; needs no kernelspec in anyone's home."""

    client_factory = Type(WarmKernelClient)
    # sockets in a folder of their own: no other user hears them, no port is taken
    if zygote.CAN_FORK:
        transport = CaselessStrEnum(["tcp", "ipc"], default_value="ipc")

    @default("ip")
    def _folder_of_sockets(self) -> str:
        if self.transport == "tcp":
            return localhost()
        return str(scratch.made() / "kernel")

    def cleanup_ipc_files(self) -> None:
        super().cleanup_ipc_files()
        if self.transport == "ipc":
            shutil.rmtree(os.path.dirname(self.ip), ignore_errors=True)

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec.from_resource_dir(str(KERNELSPECS / "python3"))
