"""The kinds of attacks and accidents of docs/kinds.md, and the tests that hold them.

    python tools/kinds.py            which kinds there are, and how many tests hold each
    python tools/kinds.py WORD …     run the tests of the kinds whose heading has one of the words
    python tools/kinds.py --all      run those of all

Ends as pytest does; with 2 where no kind has such a word.
"""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "kinds.md"


def kinds() -> dict[str, list[str]]:
    """Kind → the tests that hold it, as pytest calls them."""
    _, *parts = re.split(r"^## (.+)$", PAGE.read_text("utf-8"), flags=re.M)
    return {
        kind: re.findall(r"^tests/\S+::\S+$", text, flags=re.M)
        for kind, text in zip(parts[::2], parts[1::2], strict=True)
    }


def main(words: list[str]) -> int:
    """Run the tests of the kinds that the words name; without words, list them."""
    found = kinds()
    if not words:
        for kind, tests in found.items():
            print(f"{len(tests):3}  {kind}")
        return 0
    meant = [
        test
        for kind, tests in found.items()
        if words == ["--all"] or any(word.lower() in kind.lower() for word in words)
        for test in tests
    ]
    if not meant:
        print(f"no kind has such a word in its heading; there are: {'; '.join(found)}")
        return 2
    command = [sys.executable, "-m", "pytest", "-q", *dict.fromkeys(meant)]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
