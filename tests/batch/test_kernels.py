"""Warm kernels: ordinary kernels to their caller, gone when it is gone."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from shared import CONTEXT, needs_fork, notebook, page

from analysis.batch import kernels, zygote
from analysis.batch.batch import run
from analysis.batch.pages import Batch

START = """
import asyncio, os, sys, time
from analysis.batch import kernels

async def main():
    manager = kernels.WarmKernelManager()
    await manager.start_kernel(cwd=sys.argv[1], env={**os.environ, "GIVEN": "1"})
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    print(manager.provisioner.pid, flush=True)
    time.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_provisioner_is_registered():
    (found,) = entry_points(group="jupyter_client.kernel_provisioners", name=kernels.PROVISIONER)
    assert found.load() is kernels.WarmProvisioner


async def conversation(folder: Path) -> dict:
    manager = kernels.WarmKernelManager()
    await manager.start_kernel(cwd=str(folder), env={"GIVEN": "1", "PATH": os.environ["PATH"]})
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)

        async def ask(**expressions):
            reply = await client.execute("", user_expressions=expressions, reply=True, timeout=30)
            found = reply["content"]["user_expressions"]
            return {k: v["data"]["text/plain"] for k, v in found.items()}

        answers = await ask(
            cwd="__import__('os').getcwd()",
            given="__import__('os').environ.get('GIVEN')",
            inherited="'PYTEST_CURRENT_TEST' in __import__('os').environ",
            session="__import__('os').getsid(0) == __import__('os').getpid()",
            main="__import__('sys').modules['__main__'].__dict__ is globals()",
            warm="'pandas' in __import__('sys').modules",
        )
        # stop_on_error would abort what is asked in the moments after the interrupt
        hangs = client.execute(
            "import time; time.sleep(60)", reply=True, timeout=30, stop_on_error=False
        )
        task = asyncio.ensure_future(hangs)
        await asyncio.sleep(1)
        await manager.interrupt_kernel()
        answers["interrupted"] = (await task)["content"].get("ename")
        answers["after"] = (await ask(sum="1 + 1"))["sum"]
        return answers
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


@needs_fork
def test_a_kernel_has_its_own_session_folder_environment_and_can_be_interrupted(tmp_path):
    assert asyncio.run(conversation(tmp_path)) == {
        "cwd": repr(str(tmp_path)),
        "given": "'1'",
        "inherited": "False",
        "session": "True",
        "main": "True",
        "warm": "True",
        "interrupted": "KeyboardInterrupt",
        "after": "2",
    }


@needs_fork
def test_a_zygote_serves_any_project(tmp_path):
    """Whatever it was started for: what is asked for without a root is that of the environment."""
    code = [
        "from analysis import catalogue, project",
        "from analysis.batch.pages import Batch",
        "from analysis.catalogue.catalogue import CatalogueError",
        "print(project.PROJECT, project.Place().root, Batch(None, None, None).root)",
        "try: catalogue.load()",
        "except CatalogueError as error: print(error)",
    ]
    path = notebook(tmp_path, "n", "\n".join(code))
    batch = Batch(tmp_path / "site", tmp_path / "executed", CONTEXT, tmp_path)
    (result,) = run([page(path, "a")], batch)
    assert result.status == "ok", result.message
    (printed,) = nbformat.read(tmp_path / "executed/a.ipynb", 4).cells[-1].outputs
    named, said = printed.text.split("\n", 1)
    assert named.split() == [str(tmp_path.resolve())] * 3
    assert str(tmp_path) in said


PIPED = """
import os, sys, time
from analysis.batch import piped

if __name__ == "__main__":
    with piped.started(dict(os.environ), sys.argv[1]) as kernel:
        print(kernel.pid, flush=True)
        time.sleep(60)
"""
PARENT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from analysis.batch import execute, zygote

if __name__ == "__main__":
    given = Path(sys.argv[1]), dict(os.environ)
    pool = ProcessPoolExecutor(1, zygote.context(), execute.start_worker, given)
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 600).result()
"""


def outlives(folder: Path, text: str) -> bool:
    """Whether a process is there ten seconds after the script that prints its number is killed."""
    script = folder / "parent.py"
    script.write_text(text)
    command = [sys.executable, str(script), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    end = time.monotonic() + 10
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    left = alive(pid)
    if left:
        os.kill(pid, signal.SIGKILL)
    return left


@needs_fork
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("start", [START, PIPED], ids=["sockets", "pipe"])
def test_a_kernel_does_not_outlive_a_caller_that_is_killed(tmp_path, start):
    assert not outlives(tmp_path, start)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("warm", [pytest.param(True, marks=needs_fork), False])
def test_a_worker_does_not_outlive_a_batch_that_is_killed(tmp_path, warm):
    """Not even one that is busy, be it a fork of the zygote of the batch or started anew."""
    anew = PARENT.replace("if __name__", "zygote.CAN_FORK = False\nif __name__", 1)
    assert not outlives(tmp_path, PARENT if warm else anew)


async def in_jupyterlab(code: str) -> str:
    """What the kernel named python3 answers where JUPYTER_PATH is as ``make lab`` sets it."""
    specs = KernelSpecManager(kernel_dirs=[str(kernels.KERNELSPECS)])
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        reply = await client.execute("", user_expressions={"x": code}, reply=True, timeout=30)
        return reply["content"]["user_expressions"]["x"]["data"]["text/plain"]
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


@needs_fork
def test_jupyterlab_uses_the_same_kernels_until_the_code_changes(monkeypatch):
    warm = "'seaborn' in __import__('sys').modules or 'pandas' in __import__('sys').modules"
    assert asyncio.run(in_jupyterlab(warm)) == "True"
    monkeypatch.setitem(zygote.started, "clean.py", 0)
    assert asyncio.run(in_jupyterlab(warm)) == "False", "an old import would be a trap"


def test_without_fork_an_ordinary_kernel_is_launched(monkeypatch):
    async def ordinary(self, cmd, **kwargs):
        return {"ordinary": cmd}

    monkeypatch.setattr(zygote, "CAN_FORK", False)
    monkeypatch.setattr(LocalProvisioner, "launch_kernel", ordinary)
    launched = kernels.WarmProvisioner().launch_kernel(["python"])
    ours = ["--ext=analysis.batch.last_sought", "--ext=analysis.lineage.trace"]
    assert asyncio.run(launched) == {"ordinary": ["python", *ours]}
