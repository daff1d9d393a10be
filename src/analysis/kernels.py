"""Fast kernels that are still real kernels: each notebook has a fresh process, forked warm.

A kernel spends most of its start importing pandas and matplotlib. Here a zygote (the standard
library's forkserver) imports them once; every kernel is a fork of it that then becomes an ordinary
ipykernel with its own session, environment and random state. It is offered through jupyter_client's
extension point, a kernel provisioner, so papermill and nbclient work unchanged. Where the platform
cannot fork, ordinary kernels are used.
"""

import asyncio
import multiprocessing
import os
import random
import signal
import sys
import threading
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

PROVISIONER = "warm-provisioner"
_PRELOAD = ["analysis.preload"]
CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()


class _ForkedProcess:
    """What LocalProvisioner needs of a subprocess.Popen, over a forked process."""

    stdin = stdout = stderr = None

    def __init__(self, cmd: list[str], env: dict[str, str], cwd: str | None) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOAD)
        self._process = context.Process(target=_become_kernel, args=(cmd, env, cwd), daemon=False)
        self._process.start()
        self.pid = self._process.pid

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


def _become_kernel(cmd: list[str], env: dict[str, str], cwd: str | None) -> None:
    """Turn a fork of the zygote into an ordinary kernel; nothing of the parent's state stays."""
    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(env)
    if cwd:
        os.chdir(cwd)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        )
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # the kernel's banner; what cells print goes through its own sockets
        os.dup2(quiet, stream)
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(["-f", cmd[cmd.index("-f") + 1]])
    app.start()


def _end_with_parent() -> None:
    # ipykernel watches its parent process, but here that is the zygote, which in turn lives as long
    # as any kernel: without this both would outlive a caller that is killed
    multiprocessing.parent_process().join()
    os._exit(1)


class WarmProvisioner(LocalProvisioner):
    """Launches kernels as forks of the zygote; falls back to an ordinary process."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        if not CAN_FORK:
            return await super().launch_kernel(cmd, **kwargs)
        env = {k: str(v) for k, v in (kwargs.get("env") or os.environ).items()}
        env["JPY_PARENT_PID"] = str(os.getpid())
        self.process = _ForkedProcess(cmd, env, kwargs.get("cwd") or os.getcwd())
        self.pid = self.process.pid
        self.pgid = None  # the fork may not have called setsid yet; signals go to it alone
        self.cwd = kwargs.get("cwd")
        return self.connection_info

    async def wait(self) -> int | None:
        # the ordinary provisioner looks every 100 ms, which is a tenth of a page
        while self.process and self.process.poll() is None:
            await asyncio.sleep(0.005)
        return await super().wait()


class WarmKernelManager(AsyncKernelManager):
    """A kernel manager whose kernels are forked warm; needs no kernelspec in anyone's home."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3 (warm)",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER}},
        )
