"""Ctrl-C comes when it comes: it is never lost, and what it would have torn is whole."""

import signal
import subprocess
import sys
import threading

import pytest

from analysis.batch import interrupts

BLOCKED = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"


@pytest.fixture
def as_before():
    """A test may leave another way to take Ctrl-C."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_is_answered_when_what_it_came_into_is_done():
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts.deferred():
        signal.raise_signal(signal.SIGINT)
        done.append("the rest")
    assert done == ["the rest"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_what_fails_fails_and_an_interrupt_still_comes():
    with pytest.raises(KeyboardInterrupt) as told, interrupts.deferred():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("broken")
    assert isinstance(told.value.__context__, ValueError)
    with pytest.raises(ValueError, match="broken"), interrupts.deferred():
        raise ValueError("broken")


def test_only_the_main_thread_is_interrupted_and_others_may_defer():
    through = []

    def work():
        with interrupts.deferred():
            through.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert through


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no masks of signals")
def test_a_process_that_is_started_meanwhile_does_not_hear_it_until_it_says_so():
    command = [sys.executable, "-I", "-S", "-c", BLOCKED]
    with interrupts.deferred():
        within = subprocess.run(command, capture_output=True, check=True).stdout
    after = subprocess.run(command, capture_output=True, check=True).stdout
    assert (within.strip(), after.strip()) == (b"True", b"False")


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no masks of signals")
def test_whoever_inherits_the_mask_can_ignore_or_hear(as_before):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    interrupts.ignore()
    signal.raise_signal(signal.SIGINT)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    with pytest.raises(KeyboardInterrupt):
        interrupts.hear()
        signal.raise_signal(signal.SIGINT)
