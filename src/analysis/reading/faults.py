"""Why a file cannot be read, as a code whose words stand in ``rules.yml`` (``file_unreadable``).

What readers of formats say of it is for those who wrote them: the first bytes tell a sender more.
"""

from pathlib import Path

from analysis.reading import spreadsheets

CAUSES = ("password", "empty", "html_or_xml_saved_as_xls", "not_a_spreadsheet", "damaged",
          "encoding", "separator", "quotes", "sheets_of_one_name", "marks",
          "json", "json_deep", "json_key", "json_text")  # fmt: skip
_ZIP = b"PK"
_LOOKED_AT = 4_096  # bytes


def cause(path: Path, told: str) -> str:
    """One of :data:`CAUSES`, perhaps with what it was at: ``marks: C12``.

    Parameters
    ----------
    told
        What the reader said: that is kept if it begins with a cause.

    Raises
    ------
    OSError
        if the file is not there any more.
    """
    if told.partition(":")[0] in CAUSES:
        return told
    return _by_content(path)


def _by_content(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    if not head.strip(b"\0\r\n\t "):
        return "empty"
    if path.suffix.lower() == spreadsheets.JSON:
        return "not_a_spreadsheet" if head.startswith((spreadsheets.OLE, _ZIP)) else "damaged"
    if path.suffix.lower() in spreadsheets.TEXTS:
        return "not_a_spreadsheet" if head.startswith((spreadsheets.OLE, _ZIP)) else "encoding"
    if head.startswith((spreadsheets.OLE, _ZIP)):
        return "damaged"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return "html_or_xml_saved_as_xls" if text.startswith(b"<") else "not_a_spreadsheet"
