"""Files that others may be reading: written aside and swapped in; nobody sees half of one."""

import os
import tempfile
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path``, then give it that name; folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
