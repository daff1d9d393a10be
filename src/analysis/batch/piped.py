"""A page's cells run in the fork itself: an ordinary kernel, at the end of a pipe.

What a kernel of :mod:`batch.kernels` costs besides its cells is sockets: five of them, a
handshake, the threads that serve them. Here the same kernel (ipykernel's own shell, streams and
displays) reads its requests from a pipe and writes its messages to it, and nbclient reads them as
it reads any kernel's. Outputs are the same because nothing that makes them is another.

Two lacks are left: there is nothing to connect to from elsewhere, and no subshells. Notebooks that
name either have an ordinary warm kernel (:func:`fits`).
"""

import asyncio
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from queue import Empty
from typing import Any

from jupyter_client.session import Session
from nbformat import NotebookNode

from analysis.batch import kernels, zygote

_NEEDS_SOCKETS = re.compile(
    r"\.kernel\b|ipykernel|connect(ion)?_(info|file)|qtconsole|subshell|%gui|enable_gui|ipywidgets"
)


def fits(notebook: NotebookNode) -> bool:
    """Whether the cells of a notebook can be run at the end of a pipe, by what they name."""
    code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return zygote.fits() and not any(map(_NEEDS_SOCKETS.search, code))


class _Channel:
    """One kind of a kernel's messages, as nbclient asks for them."""

    def __init__(self, kernel: "Kernel") -> None:
        self._kernel = kernel
        self.come: asyncio.Queue[dict] = asyncio.Queue()

    async def get_msg(self, timeout: float | None = None) -> dict:
        """Give the next message.

        Raises
        ------
        Empty
            if none comes within ``timeout`` seconds.
        """
        self._kernel.listen()
        try:
            return await asyncio.wait_for(self.come.get(), timeout)
        except TimeoutError:
            raise Empty from None

    def send(self, message: dict) -> None:
        """Pass a message to the kernel (a widget's state)."""
        self._kernel.send(message)


class Kernel:
    """A kernel at the end of a pipe: what nbclient needs of a kernel's manager and of its client.

    Use :func:`started`.
    """

    has_kernel = True
    allow_stdin = False

    def __init__(self, env: dict[str, str], cwd: str) -> None:
        env = env | {"JPY_PARENT_PID": str(os.getpid())}
        self._fork = kernels.Fork(_become, env, cwd)
        self.pid = self._fork.pid
        kernels.limit(self.pid, env)
        self.session = Session(key=b"")  # nobody else can write to the pipe
        self.shell_channel, self.iopub_channel = _Channel(self), _Channel(self)
        self._loop: asyncio.AbstractEventLoop | None = None  # where messages are waited for

    def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Ask for a cell to be executed; gives the name of the request."""
        content = {"code": code, "silent": False, "store_history": store_history}
        content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": stop_on_error}
        return self.send(self.session.msg("execute_request", content))

    def kernel_info(self) -> str:
        """Ask for the kernel's description."""
        return self.send(self.session.msg("kernel_info_request"))

    def is_alive(self) -> bool:
        return self._fork.poll() is None

    def send(self, message: dict) -> str:
        """Pass a message to the kernel; gives its name. That a kernel is dead is seen elsewhere."""
        with suppress(OSError):
            self._fork.pipe.send(self.session.serialize(message))
        return message["header"]["msg_id"]

    def listen(self) -> None:
        """Let what comes through the pipe go to its channel while the event loop runs."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._fork.pipe.fileno(), self._read)

    def _read(self) -> None:
        try:
            channel, parts = self._fork.pipe.recv()
        except (EOFError, OSError):
            self._loop.remove_reader(self._fork.pipe.fileno())
        else:
            _, parts = self.session.feed_identities(parts)
            getattr(self, channel).come.put_nowait(self.session.deserialize(parts))

    def end(self) -> None:
        """Kill the kernel: its outputs are all here; it has nothing to save."""
        self._fork.kill()
        self._fork.wait()
        if self._loop is not None:
            self._loop.remove_reader(self._fork.pipe.fileno())
        self._fork.pipe.close()


@contextmanager
def started(env: dict[str, str], cwd: str) -> Iterator[Kernel]:
    """A kernel for one page, in a fresh fork of the zygote, that is gone afterwards."""
    kernel = Kernel(env, cwd)
    try:
        yield kernel
    finally:
        kernel.end()


# --- in the fork --------------------------------------------------------------------------------


class _Wire:
    """What a socket is to a kernel: one kind of messages, over a pipe that all kinds share."""

    def __init__(self, pipe: Connection, channel: str, lock: threading.Lock, context: Any) -> None:
        self._pipe, self._channel, self._lock = pipe, channel, lock
        self.context = context  # ipykernel's streams wake their thread through one of its sockets

    def send_multipart(self, parts: list, *_: Any, **__: Any) -> None:
        with self._lock:
            self._pipe.send((self._channel, [bytes(part) for part in parts]))

    def on_recv(self, callback: Any, copy: bool = True) -> None:
        """Call ``callback`` with the parts of each message that comes, in the event loop."""
        import zmq

        def read() -> None:
            parts = [zmq.Message(part) for part in self._pipe.recv()]
            asyncio.ensure_future(callback(parts))

        asyncio.get_event_loop().add_reader(self._pipe.fileno(), read)

    def flush(self, *_: Any) -> None:
        """Nothing waits."""

    def close(self) -> None:
        self._pipe.close()


class _NoThread:
    """Of a kernel that has no thread for its requests: cells run in the main one."""

    def __init__(self) -> None:
        self.parent_thread = threading.current_thread()

    def __bool__(self) -> bool:
        return False


def _become(env: dict[str, str], cwd: str, pipe: Connection) -> None:
    """Turn a fork of the zygote into a kernel that talks through ``pipe``."""
    kernels.settle(env, cwd)
    import zmq
    from ipykernel.iostream import IOPubThread
    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp
    from traitlets import Any as Anything

    class PipedKernel(IPythonKernel):
        shell_stream = Anything()
        _supports_kernel_subshells = False

    class PipedApp(IPKernelApp):
        def init_sockets(self) -> None:
            lock, context = threading.Lock(), zmq.Context()
            self.shell_socket = _Wire(pipe, "shell_channel", lock, context)
            outputs = _Wire(pipe, "iopub_channel", lock, context)
            self.configure_tornado_logger()
            self.iopub_thread = IOPubThread(outputs, pipe=True, session=self.session)
            self.iopub_thread.start()
            self.iopub_socket = self.iopub_thread.background_socket

        def init_kernel(self) -> None:
            self.kernel = PipedKernel.instance(
                parent=self,
                session=self.session,
                shell_stream=self.shell_socket,
                shell_channel_thread=_NoThread(),
                iopub_thread=self.iopub_thread,
                iopub_socket=self.iopub_socket,
                log=self.log,
                profile_dir=self.profile_dir,
                user_ns=self.user_ns,
            )
            self.displayhook.get_execution_count = lambda: self.kernel.execution_count

        def _nothing(self) -> None:
            """There is no port, and no file that names it."""

        init_connection_file = init_poller = init_heartbeat = _nothing
        write_connection_file = log_connection_info = _nothing

    app = PipedApp.instance()
    kernels.initialize(app, [])
    app.session.key = b""
    app.start()
