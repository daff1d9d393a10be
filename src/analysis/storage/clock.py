"""The time, from one place: what a build writes of it can be fixed (SOURCE_DATE_EPOCH)."""

import os
from datetime import UTC, datetime


def built() -> datetime:
    """Time of the build, in UTC; the environment variable SOURCE_DATE_EPOCH fixes it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else wall().astimezone(UTC)


def wall() -> datetime:
    """What the clock on the wall shows, with its zone: for messages, never in what is built."""
    return datetime.now().astimezone()
