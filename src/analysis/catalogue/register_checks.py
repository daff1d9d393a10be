"""What can be wrong with a form of layout ``register`` beyond its shape: (where, what) each."""

from collections import Counter
from collections.abc import Iterator

from analysis.language.words import fold

Fault = tuple[tuple, str]

_KINDS = {"record": "code", "lead": "unit"}


def faults(form: dict) -> Iterator[Fault]:
    """Attributes that are named and not there, or of the wrong kind; heads and words used twice."""
    attributes = form["attributes"]
    named = {(k,): (form[k], kind) for k, kind in _KINDS.items() if k in form}
    named |= {("dates", k): (a, "date") for k, a in form["dates"].items()}
    if "status" in form:
        named["status", "attribute"] = (form["status"]["attribute"], "choice")
    if "themes" in form:
        named["themes", "attribute"] = (form["themes"]["attribute"], "text")
    for where, (attribute, kind) in named.items():
        if attribute not in attributes:
            yield where, f"no attribute {attribute}"
        elif attributes[attribute]["kind"] != kind:
            yield where, f"{attribute} must be of kind {kind}"
    for code in filter(None, [form["record"], form["dates"]["opened"], form.get("lead")]):
        if not attributes.get(code, {"required": True}).get("required"):
            yield ("attributes", code), f"{code} must be required: records are told by it"
    yield from _twice(attributes)
    yield from _statuses(form)
    for code, item in form["items"].items():
        if "count" not in item:
            yield ("items", code), f"{code}: an item of a register must say what it counts"
    if form["items"] and "lead" not in form:
        yield ("items",), "counts need a lead: whose records are they?"


def _twice(attributes: dict) -> Iterator[Fault]:
    heads = Counter(
        text
        for a in attributes.values()
        for text in {fold(t) for t in [*a["head"].values(), *a.get("aliases", [])]}
    )
    for text in (t for t, n in heads.items() if n > 1):
        yield ("attributes",), f"two columns may be headed “{text}”"
    for code, attribute in attributes.items():
        words = Counter(
            text
            for choice, c in attribute.get("choices", {}).items()
            for text in {fold(t) for t in [choice, c["vi"], c["en"], *c.get("aliases", [])]}
        )
        for text in (t for t, n in words.items() if n > 1):
            yield ("attributes", code, "choices"), f"{code}: “{text}” stands for two choices"


def _statuses(form: dict) -> Iterator[Fault]:
    if "status" not in form:
        return
    choices = form["attributes"].get(form["status"]["attribute"], {}).get("choices", {})
    for code in set(choices) ^ set(form["status"]["means"]):
        yield ("status", "means"), f"status: {code} is a choice or has a meaning, not both"
