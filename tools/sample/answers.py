"""The illustrative editions of APCI as files: answers written the way people write.

A sample of the synthetic population (:mod:`tools.sample.population`) is drawn, some firms do not
answer, and the answers of the others are spelt with the mess of real forms and spoilt by the table
FAULTS. Synthetic in every part.
"""

import unicodedata
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from openpyxl import Workbook

from analysis.catalogue import catalogue as cat
from analysis.exchange import neutral
from analysis.language.words import fold, number
from tools.sample import population as truth

SURVEY = "apci"
_STEPS = np.array([0.22, 0.38, 0.08, 0.24, 0.08])
_COSTS = {"fees": 0.62, "copies": 0.08, "travel": 0.18, "other_cost": 0.12}
# rule → how many rows of an edition are spoilt so that it must be found
FAULTS = {
    "response_other_edition": 8,
    "response_unplaced": 5,
    "response_repeated": 12,
    "response_contradicts": 6,
    "response_not_selected": 4,
    "total_contradicts_steps": 40,
    "thousand_slip": 24,
    "own_with_agent": 15,
    "ends_before_start": 10,
    "outsourced_own_hours": 60,
    "outsourced_without_cost": 9,
}


# --- files --------------------------------------------------------------------------------------


def files(edition: str, root: Path) -> dict[str, bytes]:
    """The files of ``data/survey/apci-<edition>`` by name; the same bytes every time."""
    made, catalogue = truth.model(root), cat.load(root)
    people = truth.population(edition, root)
    rng = np.random.default_rng([made["seed"], int(edition), 1])
    chosen = truth.draw(people, rng)
    codes = rng.permutation(len(chosen)) + 1
    chosen = chosen.assign(response=[f"{c:05d}" for c in codes]).sort_values("response")
    chosen = chosen.reset_index(drop=True)
    listed = ["response", "province", "region", "firm_size", "industry"]
    strata = chosen.drop_duplicates(["region", "firm_size"]).sort_values(["region", "firm_size"])
    known = truth.totals(root).assign(total=lambda t: t["total"].round(2))
    rows = truth.answered(people, chosen)
    sheet = _faults(_written(rows, edition, made, catalogue, rng), edition, rng)
    where = _sent_from(rows["province"].map(catalogue.regions["region"]), len(sheet))
    names = catalogue.procedure_groups["name_vi"].to_dict()
    return {
        "edition.yml": _edition_yml(edition, made, names).encode("utf-8"),
        "selected.csv": _csv(chosen[listed]),
        "strata.csv": _csv(strata[["region", "firm_size", "population"]]),
        "totals.csv": _csv(known),
        "phieu_mien_bac.csv": _csv(sheet[where == "bac"], "utf-8-sig"),
        "phieu_mien_nam.csv": _csv(sheet[where == "nam"], "utf-8-sig"),
        "phieu_mien_trung.xlsx": _book(sheet[where == "trung"]),
        "README.md": _README.format(edition=edition).encode("utf-8"),
    }


def _sent_from(regions: pd.Series, rows: int) -> np.ndarray:
    """In which of three files a row of answers comes; those that are sent twice, in the last."""
    north = regions.isin(["northern_midlands", "red_river_delta"])
    middle = regions.isin(["north_central_coast", "central_highlands"])
    where = np.select([north, middle], ["bac", "trung"], "nam")
    return np.append(where, ["nam"] * (rows - len(where)))


def _csv(table: pd.DataFrame, encoding: str = "utf-8") -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode(encoding)


def _book(sheet: pd.DataFrame) -> bytes:
    book = Workbook()
    book.active.title = "Phiếu"
    book.active.append(["PHIẾU KHẢO SÁT APCI – DỮ LIỆU MINH HỌA, KHÔNG PHẢI SỐ LIỆU THẬT"])
    book.active.append(list(sheet.columns))
    for row in sheet.itertuples(index=False):
        book.active.append([v or None for v in row])
    return neutral.same_bytes(book)


# --- how people write ---------------------------------------------------------------------------


def _pick(rng, choices: dict[str, float], size: int) -> np.ndarray:
    weights = np.array(list(choices.values()), float)
    return rng.choice(list(choices), size, p=weights / weights.sum())


def _hours(rng, value: float) -> tuple[float, str]:
    """An hour value as somebody writes it, and the value that the text stands for."""
    style = rng.random()
    plain = number(value, 1).removesuffix(",0")
    if value >= 8 and style < 0.2:
        days = max(1, round(value / 8))
        return 8.0 * days, f"{days} ngày"
    if 3 <= value <= 5 and style < 0.15:
        return 4.0, "1 buổi"
    if value < 1 and style < 0.5:
        minutes = max(5, 5 * round(value * 12))
        return minutes / 60, f"{minutes}'" if style < 0.25 else f"{minutes} phút"
    if style < 0.55:
        return round(value, 1), plain
    if style < 0.8:
        return round(value, 1), plain + ("h" if style < 0.7 else " giờ")
    if style < 0.86:
        return round(value, 1), f"khoảng {plain} giờ"
    if style < 0.9 and value >= 2:
        low = int(value)
        return low + 0.5, f"{low}-{low + 1} giờ"
    return round(value, 1), plain


def _money(rng, value: float) -> str:
    """A sum of money, rounded to thousands, as somebody writes it."""
    thousands = max(1, round(value / 1000))
    style = rng.random()
    if thousands % 100 == 0 and thousands >= 1000 and style < 0.6:
        millions = number(thousands / 1000, 1).removesuffix(",0")
        return f"{millions}tr" if style < 0.25 else f"{millions} triệu"
    if thousands < 1000 and style < 0.25:
        return f"{thousands}k"
    if thousands < 1000 and style < 0.3:
        return f"khoảng {thousands} nghìn"
    if style < 0.6:
        return number(1000 * thousands) + (" đ" if style < 0.45 else "")
    return str(1000 * thousands)


def _written(rows: pd.DataFrame, edition: str, made: dict, catalogue, rng) -> pd.DataFrame:
    """The answer sheet of ``rows``: every column of the questionnaire as text."""
    n, survey = len(rows), catalogue.surveys[SURVEY]
    groups = made["editions"][edition]["groups"]
    sheet = pd.DataFrame(index=range(n))
    code = rows["response"].to_numpy()
    style = rng.random(n)
    sheet["response"] = np.where(style < 0.1, [c.lstrip("0") for c in code], code)
    style = _pick(rng, {edition: 80, f"APCI {edition}": 15, f"apci{edition}": 5}, n)
    sheet["edition"] = style
    sheet["province"] = _provinces(rows["province"], catalogue, rng)
    sheet["key_region"] = np.where(
        rng.random(n) < 0.3, "", rows["province"].map(catalogue.regions["key_region_vi"])
    )
    for item in ("firm_size", "industry"):
        sheet[item] = _spelt(rows[item].astype(str), survey["columns"][item]["choices"], rng)
    sheet["ownership"] = _spelt(
        pd.Series(_pick(rng, {"private": 88, "foreign": 9, "state": 3}, n)),
        survey["columns"]["ownership"]["choices"],
        rng,
    )
    group = rows["procedure_group"].astype(str)
    names = {
        g: [r.name_vi, *filter(None, r.aliases.split("|"))]
        for g, r in catalogue.procedure_groups.iterrows()
    }
    sheet["procedure_group"] = [
        names[g][0] if u < 0.8 else names[g][int(u * 1000) % len(names[g])]
        for g, u in zip(group, rng.random(n), strict=True)
    ]
    listed = catalogue.procedures.groupby("procedure_group").groups
    chosen = [listed[g][int(u * len(listed[g]))] for g, u in zip(group, rng.random(n), strict=True)]
    sheet["procedure"] = chosen
    sheet["procedure_name"] = catalogue.procedures.loc[chosen, "name_vi"].to_numpy()
    _dates(sheet, rows, groups, made["editions"][edition]["reference_period"], rng)
    online = rows["online"].to_numpy()
    filed = np.where(online, "online", _pick(rng, {"in_person": 8, "post": 2}, n))
    got = np.where(online & (rng.random(n) < 0.5), "online", "in_person")
    for item, value in (("filing_channel", filed), ("result_channel", got)):
        sheet[item] = _spelt(pd.Series(value), survey["columns"][item]["choices"], rng)
    sheet["route"] = _spelt(rows["route"].astype(str), survey["columns"]["route"]["choices"], rng)
    _costs(sheet, rows, rng)
    sheet["visits"] = rng.poisson(1 + rows["hours"] / 40).astype(str)
    sheet["supplements"] = rng.binomial(3, 0.2, n).astype(str)
    paid = rows["informal"].to_numpy()
    sheet["informal"] = _spelt(
        pd.Series(np.where(paid, "yes", "no")), survey["columns"]["informal"]["choices"], rng
    )
    amount = [_money(rng, v) for v in rng.lognormal(13.5, 0.8, n)]
    shy = rng.random(n) < 0.3
    sheet["informal_cost"] = np.where(paid, np.where(shy, "tế nhị", amount), "")
    sheet["satisfaction"] = _pick(rng, {"4": 40, "3": 25, "5": 12, "tốt": 12, "2": 8, "": 3}, n)
    weight = rows["population"] / rows["selected"]
    sheet["stated_weight"] = np.where(rng.random(n) < 0.02, "", weight.map(lambda w: f"{w:.3f}"))
    _unknown(sheet, made["item_refusal"], rng)
    heads = {item: c["head"] for item, c in survey["columns"].items()}
    return sheet[list(heads)].rename(columns=heads)


def _provinces(codes: pd.Series, catalogue, rng) -> list[str]:
    units = catalogue.units.drop_duplicates("code").set_index("code")
    out = []
    for code, style in zip(codes, rng.random(len(codes)), strict=True):
        full = units.at[code, "name_vi"]
        bare = full.removeprefix("Tỉnh ").removeprefix("Thành phố ")
        if style < 0.7:
            out.append(bare)
        elif style < 0.8:
            out.append(full)
        elif style < 0.87:
            out.append(fold(bare))
        elif style < 0.92:
            out.append(bare.upper() + " ")
        elif style < 0.96:
            out.append(unicodedata.normalize("NFD", bare))
        else:
            out.append(next(iter(units.at[code, "aliases"].split("|")), "") or bare)
    return out


def _spelt(codes: pd.Series, choices: dict, rng) -> list[str]:
    """Each code by one of its spellings, the first most often."""
    return [
        choices[c][0] if u < 0.7 else choices[c][int(u * 997) % len(choices[c])]
        for c, u in zip(codes, rng.random(len(codes)), strict=True)
    ]


def _dates(sheet, rows, groups, months, rng) -> None:
    start = pd.Timestamp(months[0]) + pd.to_timedelta(rng.integers(0, 120, len(rows)), unit="D")
    end = start + pd.to_timedelta(np.ceil(rows["hours"].to_numpy() / 4) + 1, unit="D")
    sheet["start_date"] = start.strftime("%d/%m/%Y")
    sheet["end_date"] = end.strftime("%d/%m/%Y")
    vague = rng.random(len(rows)) < 0.05
    sheet.loc[vague, "start_date"] = [f"T{d.month}/{d.year}" for d in start[vague]]


def _costs(sheet, rows, rng) -> None:
    """Hours by step, costs by kind, the agent's price: blank where the route leaves them out."""
    agent = (rows["route"] == "outsourced").to_numpy()
    shares = rng.dirichlet(40 * _STEPS, len(rows)) * rows["hours"].to_numpy()[:, None]
    steps = np.empty(shares.shape, object)
    total = []
    for i, line in enumerate(shares):
        pairs = [_hours(rng, max(v, 0.1)) for v in line]
        steps[i] = [text for _, text in pairs]
        summed = sum(v for v, _ in pairs)
        total.append(number(summed, 2).replace(".", "") if rng.random() < 0.8 else "")
    for k in range(len(_STEPS)):
        sheet[f"hours_step_{k + 1}"] = np.where(agent, "", steps[:, k])
    sheet["hours_total"] = np.where(agent, "", total)
    alphas = 30 * np.array(list(_COSTS.values()))
    parts = rng.dirichlet(alphas, len(rows)) * rows["direct_cost"].to_numpy()[:, None]
    for k, item in enumerate(_COSTS):
        nothing = _pick(rng, {"0": 5, "không": 5}, len(rows))
        text = [t if v < 500 else _money(rng, v) for v, t in zip(parts[:, k], nothing, strict=True)]
        sheet[item] = np.where(agent, "", text)
    paid = [_money(rng, v) for v in rows["outsourced_cost"]]
    used = rows["route"] != "own"
    packed = rng.random(len(rows)) < 0.1
    paid = np.where(packed, [f"trọn gói {t.removeprefix('khoảng ')}" for t in paid], paid)
    sheet["outsourced_cost"] = np.where(used, paid, "")


def _unknown(sheet, share: float, rng) -> None:
    """Answers that are none: forgotten, refused."""
    for item in ("hours_step_1", "hours_step_4", "fees", "travel", "visits", "outsourced_cost"):
        rows = (rng.random(len(sheet)) < share) & (sheet[item] != "")
        sheet.loc[rows, item] = _pick(
            rng, {"không nhớ": 5, "không rõ": 3, "từ chối": 2}, rows.sum()
        )
        if item.startswith("hours"):
            sheet.loc[rows, "hours_total"] = ""


def _faults(sheet: pd.DataFrame, edition: str, rng) -> pd.DataFrame:
    """Spoil rows as FAULTS says; rows that are sent twice come last."""
    own = np.flatnonzero((sheet["thue_ngoai"].map(fold).isin(["khong", "tu lam"])).to_numpy())
    agent = np.flatnonzero((sheet["cp_thue_ngoai"] != "") & (sheet["gio_b1"] == ""))
    full = own[(sheet["gio_tong"].iloc[own] != "").to_numpy()]
    spare = list(rng.permutation(full))
    hired = list(rng.permutation(agent))

    def take(rule: str, pool: list) -> list:
        return [pool.pop() for _ in range(FAULTS[rule])]

    sheet.loc[take("response_other_edition", spare), "ky_apci"] = str(int(edition) - 1)
    sheet.loc[take("response_unplaced", spare), "tinh"] = "Tỉnh không có thật"
    sheet.loc[take("response_not_selected", spare), "ma_phieu"] = [f"9{i:04d}" for i in range(4)]
    rows = take("total_contradicts_steps", spare)
    sheet.loc[rows, "gio_tong"] = [
        number(3 + 2 * float(t.replace(",", ".")), 1).replace(".", "")
        for t in sheet.loc[rows, "gio_tong"]
    ]
    rows = take("thousand_slip", [i for i in spare if sheet.at[i, "phi_le_phi"].isdigit()])
    sheet.loc[rows, "phi_le_phi"] += "000"
    spare = [i for i in spare if i not in set(rows)]
    sheet.loc[take("own_with_agent", spare), "cp_thue_ngoai"] = "2tr"
    rows = take("ends_before_start", spare)
    sheet.loc[rows, "ngay_bd"] = sheet.loc[rows, "ngay_kt"]
    sheet.loc[rows, "ngay_kt"] = f"01/01/{int(edition) - 1}"
    rows = take("outsourced_own_hours", hired)
    sheet.loc[rows, "gio_tong"] = "6"
    sheet.loc[take("outsourced_without_cost", hired), "cp_thue_ngoai"] = ""
    again = sheet.loc[take("response_repeated", spare)]
    other = sheet.loc[take("response_contradicts", spare)].copy()
    other["gio_b3"] = "40"
    other["gio_tong"] = ""
    return pd.concat([sheet, again, other], ignore_index=True)


def _edition_yml(edition: str, made: dict, names: dict) -> str:
    known = list(made["editions"])
    earlier = dict(zip(known[1:], known, strict=False)).get(edition)
    note = "dữ liệu minh họa do máy sinh, không phải số liệu thật"
    stated = made["editions"][edition]
    published = [g for g, s in stated["groups"].items() if "published" in str(s["basis"])]
    levels = {
        "vi": "Có mức đặt theo số APCI đã công bố: "
        + ", ".join(names[g].lower() for g in published)
        + "; mọi mức khác do mô hình đặt (data/survey/illustration.yml ghi rõ từng mức).",
        "en": f"Levels set by published figures of APCI: {', '.join(published)}; all others are "
        "the model's own (data/survey/illustration.yml says which).",
    }
    return yaml.safe_dump(
        {
            "survey": SURVEY,
            "edition": edition,
            "title": {
                "vi": f"APCI {edition} – minh họa",
                "en": f"APCI {edition} – illustration",
            },
            "synthetic": True,
            "reference_period": stated["reference_period"],
            "units_on": date.fromisoformat(str(stated["reference_period"][1])),  # no YAML anchor
            "earlier": earlier,
            "notes": [levels],
            "source": {"vi": note, "en": "synthetic answers made by a generator, not real ones"},
        },
        allow_unicode=True,
        sort_keys=False,
    )


_README = """# APCI {edition}: SYNTHETIC / DỮ LIỆU MINH HỌA

Mọi tệp ở đây do máy sinh (`python -m tools sample`); không có phiếu nào là thật.

Every answer here is generated (`src/analysis/survey_sample.py`, model `../illustration.yml`).
`phieu_mien_*` are the answers as received, `selected.csv` the firms drawn (also those that did not
answer), `strata.csv` the number of firms in each stratum, `totals.csv` the known totals that the
weights are raked to. Totals of regions and sectors are published ones (`data/reference/
enterprise-population`); the split by size uses the shares of one province.
"""
