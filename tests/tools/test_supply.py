"""What comes from elsewhere: pinned by hash, under a known licence, and nothing at run time."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import crashes
import pandas as pd
import yaml
from tools import licences

from analysis.project import PROJECT

ROOT = PROJECT


LOCKS = {
    "requirements.lock": ["clone"],
    "requirements-word.lock": [],
    "requirements-test.lock": ["test"],
}
"""Lock file → groups of pyproject.toml that it serves."""


def pinned(*names: str) -> pd.DataFrame:
    """What lock files pin; of all of them if none is named."""
    return licences.pinned(*(ROOT / name for name in names or LOCKS))


def test_every_pinned_library_has_hashes_and_a_known_licence():
    table = pinned()
    assert len(table) > 100 and table["licence"].ne("").all(), table[table["licence"] == ""]
    for name in LOCKS:
        text = (ROOT / name).read_text("utf-8")
        pins = re.split(r"^(?=[A-Za-z0-9._-]+==)", text, flags=re.M)[1:]
        assert len(pins) == len(pinned(name)) and all("--hash=sha256:" in pin for pin in pins)


def test_a_library_that_is_pinned_twice_has_one_version():
    """Or the second file that is installed would change what the first one did."""
    texts = [(ROOT / name).read_text("utf-8") for name in LOCKS]
    held = [set(re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.M)) for text in texts]
    of_running, others = held[0], held[1] | held[2]
    names = {name for name, _ in of_running}
    assert {pin for pin in others if pin[0] in names} <= of_running


def test_what_tests_alone_need_is_not_installed_to_run():
    assert not {"pytest", "playwright", "polars", "svy", "pypandoc-binary"} & set(
        pinned("requirements.lock")["name"]
    )


_LINE = re.compile(
    r"[A-Za-z0-9._-]+==[^\s;@/]+(?: ; [^\\@/]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
)


def test_the_lock_holds_versions_and_hashes_and_no_other_source():
    """No other index, no address, no file: each would be asked before, or instead."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, groups = stated["project"], stated["dependency-groups"]
    wanted = dict.fromkeys(LOCKS, ())
    wanted["requirements.lock"] = project["dependencies"]
    wanted["requirements-word.lock"] = project["optional-dependencies"]["word"]
    for lock, served in LOCKS.items():
        assert _LINE.sub("", (ROOT / lock).read_text("utf-8")) == ""
        named = [*wanted[lock], *(name for group in served for name in groups[group])]
        names = {re.match(r"[\w.-]+", name)[0].lower() for name in named}
        assert names and names - {n.lower() for n in pinned(lock)["name"]} == set()


def test_the_list_of_licences_is_that_of_the_pinned_libraries():
    table = pinned()
    listed = (ROOT / "LICENCES.md").read_text("utf-8")
    assert [f"| {r.name} | {r.version} | {r.licence} |" for r in table.itertuples()] == [
        line for line in listed.splitlines() if re.match(r"\| (?!library)[A-Za-z0-9]", line)
    ]


def test_hashes_are_verified_wherever_libraries_are_installed():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    (pip,) = [d["pip"] for d in conda["dependencies"] if isinstance(d, dict)]
    assert pip == ["--require-hashes", *(f"-r {name}" for name in LOCKS)], "and no other index"
    for name in ("Makefile", "README.md"):
        lines = (ROOT / name).read_text("utf-8").splitlines()
        assert [n for n in lines if "-r requirements.lock" in n]
        installs = [n for n in lines if "pip install" in n]
        locked = ("--require-hashes", "--no-deps --no-build-isolation")
        assert installs and all(any(word in n for word in locked) for n in installs)
        assert not [n for n in installs if "-r " in n and "--require-hashes" not in n]


# In each process of a run: whatever would leave the machine is noted, and refused.
WATCH = """
import os, sys

def within(address):
    if not isinstance(address, tuple):  # a Unix socket
        return True
    return str(address[0]) in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "")

def watch(event, args):
    asked = {"socket.connect": args[1:2], "socket.sendto": args[1:2], "socket.bind": args[1:2]}
    names = ("socket.getaddrinfo", "socket.gethostbyname")
    if event in names and args[0] not in (None, "", "localhost", "127.0.0.1", "::1"):
        refuse(event, args[0])
    elif event in asked and not within(asked[event][0]):
        refuse(event, asked[event][0])

def refuse(event, what):
    with open(os.environ["NETWORK_NOTED"], "a") as noted:
        noted.write(f"{event} {what!r} {sys.argv}\\n")
    raise ConnectionError(f"no network: {event} {what!r}")

with open(os.environ["NETWORK_NOTED"] + ".processes", "a") as noted:
    noted.write(f"{os.getpid()}\\n")
sys.addaudithook(watch)
"""


def watched(folder: Path) -> tuple[dict[str, str], Path]:
    (folder / "sitecustomize.py").write_text(WATCH)
    noted = folder / "noted"
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return {"PYTHONPATH": path, "NETWORK_NOTED": str(noted)}, noted


def test_the_main_job_asks_nothing_of_any_other_machine(tmp_path):
    env, noted = watched(tmp_path)
    root = crashes.project(tmp_path / "project", crashes.UNITS[:1])
    code, printed = crashes.run(root, **env)
    assert code == 0 and "2 pages written, 0 failed" in printed, printed
    assert not noted.exists(), noted.read_text()
    processes = (tmp_path / "noted.processes").read_text().split()
    assert len(processes) >= 3, "the run, its worker, the zygote of its kernels"


def test_a_job_that_did_would_be_seen(tmp_path):
    env, noted = watched(tmp_path)
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 1 and "no network" in done.stderr
    assert "192.0.2.1" in noted.read_text()
