"""Figures as SDMX 3.0: data as SDMX-CSV 2.0, and their structure as SDMX-JSON 2.0.

Source: SDMX technical working group, *SDMX-CSV Data Message Field Guide* (2.0) and *SDMX-JSON
Structure Message Field Guide* (2.0.0).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.render.open_csv import csv

AGENCY, VERSION = "REFORM_MONITOR", "1.0.0"
FREQUENCIES = {
    "A": {"vi": "năm", "en": "annual"},
    "S": {"vi": "nửa năm", "en": "half-yearly"},
    "Q": {"vi": "quý", "en": "quarterly"},
    "M": {"vi": "tháng", "en": "monthly"},
}
_STRANGE = re.compile(r"[^A-Za-z0-9_@$-]")

Names = Mapping[str, str]
"""Language → name."""


@dataclass(frozen=True)
class Coded:
    """A component whose values are codes: its id, its name, the column of the rows that has them,
    and code → name of all that there are."""

    id: str
    names: Names
    column: str
    codes: Mapping[str, Names]

    @property
    def ids(self) -> dict[str, str]:
        """Code → the id by which it goes: a code may hold a point, an SDMX id may not."""
        found: dict[str, str] = {}
        for code in self.codes:
            own, n = _STRANGE.sub("_", code), 1
            while own in found.values():
                own, n = f"{_STRANGE.sub('_', code)}_{n}", n + 1
            found[code] = own
        return found


@dataclass(frozen=True)
class Flow:
    """A dataflow: its id and name, its dimensions in order (but for frequency, which comes first,
    and the period, which comes last), and the attributes of an observation."""

    id: str
    names: Names
    dimensions: tuple[Coded, ...]
    attributes: tuple[Coded, ...]

    @property
    def coded(self) -> tuple[Coded, ...]:
        """All components that have a code list."""
        frequency = Coded("FREQ", {"vi": "Tần suất", "en": "Frequency"}, "", FREQUENCIES)
        return (frequency, *self.dimensions, *self.attributes)


def data(flow: Flow, rows: pd.DataFrame, frequency: str, time_period: str) -> bytes:
    """The rows as SDMX-CSV: what they are of, dimensions, OBS_VALUE, attributes.

    Parameters
    ----------
    rows
        The columns that the flow names, and obs_value.
    frequency, time_period
        One of :data:`FREQUENCIES`, and the period of all rows (SDMX TIME_PERIOD).

    Raises
    ------
    ValueError
        naming a code of a dimension that its list does not have.
    """
    table = pd.DataFrame(index=rows.index)
    table["STRUCTURE"], table["STRUCTURE_ID"] = "dataflow", f"{AGENCY}:{flow.id}({VERSION})"
    table["ACTION"], table["FREQ"] = "I", frequency
    for part in flow.dimensions:
        codes = rows[part.column].astype(str)
        if strange := sorted(set(codes) - part.codes.keys()):
            raise ValueError(f"{flow.id}: {part.id} has no code {strange[0]!r}")
        table[part.id] = codes.map(part.ids)
    table["TIME_PERIOD"], table["OBS_VALUE"] = time_period, rows["obs_value"]
    for part in flow.attributes:
        table[part.id] = rows[part.column].astype(object).map(part.ids)
    return csv(table)


def structure(flow: Flow) -> bytes:
    """Structure definition, dataflow, concepts and code lists of a flow, as SDMX-JSON."""
    concepts = {part.id: part.names for part in flow.coded}
    concepts["TIME_PERIOD"] = {"vi": "Kỳ", "en": "Time period"}
    concepts["OBS_VALUE"] = {"vi": "Giá trị", "en": "Observation value"}
    listed = [{"id": key, **_named(names)} for key, names in concepts.items()]
    scheme = {**_artefact("CONCEPTS", {"vi": "Khái niệm", "en": "Concepts"}), "concepts": listed}
    message = {
        "data": {
            "dataStructures": [_definition(flow)],
            "conceptSchemes": [scheme],
            "codelists": [_codelist(part) for part in flow.coded],
            "dataflows": [
                {
                    **_artefact(flow.id, flow.names),
                    "structure": _urn("datastructure.DataStructure", flow.id),
                }
            ],
        }
    }
    return json.dumps(message, ensure_ascii=False, indent=1).encode()


def _definition(flow: Flow) -> dict:
    keys = flow.coded[: 1 + len(flow.dimensions)]
    period = {"format": {"dataType": "ObservationalTimePeriod"}}
    measure = {"format": {"dataType": "Double"}}
    return {
        **_artefact(flow.id, flow.names),
        "dataStructureComponents": {
            "dimensionList": {
                "id": "DimensionDescriptor",
                "dimensions": [{**_component(p), "position": n} for n, p in enumerate(keys)],
                "timeDimension": {**_concept("TIME_PERIOD"), "localRepresentation": period},
            },
            "measureList": {
                "id": "MeasureDescriptor",
                "measures": [
                    {**_concept("OBS_VALUE"), "usage": "optional", "localRepresentation": measure}
                ],
            },
            "attributeList": {
                "id": "AttributeDescriptor",
                "attributes": [
                    {
                        **_component(part),
                        "usage": "optional",
                        "attributeRelationship": {"observation": {}},
                    }
                    for part in flow.attributes
                ],
            },
        },
    }


def _component(part: Coded) -> dict:
    listed = _urn("codelist.Codelist", f"CL_{part.id}")
    return {**_concept(part.id), "localRepresentation": {"enumeration": listed}}


def _concept(key: str) -> dict:
    return {"id": key, "conceptIdentity": f"{_urn('conceptscheme.Concept', 'CONCEPTS')}.{key}"}


def _codelist(part: Coded) -> dict:
    ids = part.ids
    codes = [
        {"id": ids[code], **_named(names), **({"description": code} if ids[code] != code else {})}
        for code, names in part.codes.items()
    ]
    return {**_artefact(f"CL_{part.id}", part.names), "codes": codes}


def _artefact(key: str, names: Names) -> dict:
    return {"id": key, "agencyID": AGENCY, "version": VERSION, **_named(names)}


def _named(names: Names) -> dict:
    return {"name": names["en"], "names": dict(names)}


def _urn(kind: str, key: str) -> str:
    return f"urn:sdmx:org.sdmx.infomodel.{kind}={AGENCY}:{key}({VERSION})"


def joined(named: Iterable[tuple[str, Names]]) -> dict[str, Names]:
    """Code → name from pairs; a code that is called differently in places has all its names."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for code, names in named:
        for lang, name in names.items():
            found.setdefault(code, {}).setdefault(lang, {})[name] = None
    return {c: {lang: " / ".join(n) for lang, n in held.items()} for c, held in found.items()}
