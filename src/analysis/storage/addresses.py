"""Addresses as they may be shown and kept: without what lets somebody in."""

import re

_USER = re.compile(r"(?<=://)(?:[^\s/@:]*:(?!\d+/)[^\s\"']*|[^\s/@:\"']+)@")
_QUERY = re.compile(r"(://[^\s?\"'<>]*)\?[^\s\"'<>]+")


def without_secrets(text: str) -> str:
    """``text`` whose addresses tell no user, password or token: what stands before ``@``, and what
    behind ``?``, is left out.

    >>> without_secrets("--store s3://key:se/cret@host/bucket?token=x --lang en")
    '--store s3://…@host/bucket?… --lang en'
    >>> without_secrets("s3://bucket/2022-Q2@2022-06-25, tls://127.0.0.1:8786")
    's3://bucket/2022-Q2@2022-06-25, tls://127.0.0.1:8786'
    """
    return _QUERY.sub(r"\1?…", _USER.sub("…@", text))
