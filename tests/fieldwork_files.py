"""A survey edition whose fieldwork goes on: a frame, and answers as KoboToolbox exports them, with
interviewers of whom some are too fast, overlap, work at night or copy. Everything is made up."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from kobo_files import kobo_xlsx

from analysis import project

CODE = "apci-2023"
FORM = {
    "doanh_nghiep": ["ma_phieu", "ky_apci", "tinh", "quy_mo", "loai_hinh", "nganh"],
    "thu_tuc": [
        *["nhom_tthc", "ma_tthc", "ten_tthc", "ngay_bd", "ngay_kt", "hinh_thuc_nop", "nhan_kq"],
        *["thue_ngoai", "cp_thue_ngoai", "gio_b1", "gio_b2", "gio_b3", "gio_b4", "gio_b5"],
        *["gio_tong", "so_lan_di_lai", "so_lan_bs", "phi_le_phi", "cp_in_sao", "cp_di_lai"],
        *["cp_khac", "cp_khong_ct", "muc_khong_ct", "dg_hai_long"],
    ],
}
_STATED = """survey: apci
edition: '2023'
title: {vi: APCI 2023 – thử, en: APCI 2023 – trial}
synthetic: true
reference_period: [2022-07-01, 2022-12-31]
units_on: 2022-12-31
source: {vi: dữ liệu do máy sinh, en: made up}
"""
_GROUPS = ["tax", "land", "starting_business"]


def frame(folder: Path, firms: int = 300, more: str = "") -> pd.DataFrame:
    """Write edition.yml and the frame, out of that of 2022; the firms that were drawn."""
    shipped = project.Place().survey("apci-2022")
    folder.mkdir(parents=True)
    (folder / "edition.yml").write_text(_STATED + more, "utf-8")
    drawn = pd.read_csv(shipped / "selected.csv", dtype=str)
    drawn = drawn.iloc[:: len(drawn) // firms].reset_index(drop=True)
    strata = pd.read_csv(shipped / "strata.csv")
    drawn.to_csv(folder / "selected.csv", index=False)
    strata.to_csv(folder / "strata.csv", index=False)
    pd.read_csv(shipped / "totals.csv").to_csv(folder / "totals.csv", index=False)
    return drawn


def submissions(drawn: pd.DataFrame, rng: np.random.Generator, interviewers: int = 12) -> list:
    """An interview of each of the firms: interviewer k takes every k-th, three or four a day."""
    free = [datetime(2023, 5, 8, 8) + timedelta(minutes=3 * k) for k in range(interviewers)]
    lean = rng.normal(0, 0.4, interviewers)
    sent = []
    for n, firm in enumerate(drawn.to_dict("records")):
        k = n % interviewers
        tasks = int(rng.integers(1, 4))
        minutes = 6 + 7 * tasks * float(rng.lognormal(0, 0.25))
        start = free[k]
        end = start + timedelta(minutes=minutes)
        free[k] = end + timedelta(minutes=float(rng.uniform(40, 90)))
        if free[k].hour >= 17:
            free[k] = free[k].replace(hour=8, minute=5) + timedelta(days=1)
        sent.append(
            {
                "phone": phone(start, end, f"Điều tra viên số {k + 1}"),
                "doanh_nghiep": {
                    "ma_phieu": firm["response"],
                    "ky_apci": "2023",
                    "tinh": firm["province"],
                    "quy_mo": firm["firm_size"],
                    "loai_hinh": "private",
                    "nganh": firm["industry"],
                },
                "thu_tuc": [_procedure(i, rng, lean[k]) for i in range(tasks)],
            }
        )
    return sent


def phone(start: datetime, end: datetime, interviewer: str) -> dict[str, str]:
    """What a phone records, times with their offset."""
    written = [f"{t.isoformat(timespec='milliseconds')}+07:00" for t in (start, end)]
    return dict(zip(["start", "end"], written, strict=True)) | {
        "today": start.date().isoformat(),
        "interviewer": interviewer,
    }


def _procedure(i: int, rng: np.random.Generator, lean: float) -> dict[str, str]:
    hours = np.round(rng.lognormal(1 + lean, 0.7, 5), 1)
    money = [int(m) * 10_000 for m in rng.lognormal(2.5 + lean, 0.8, 4)]
    said = {
        "nhom_tthc": _GROUPS[i],
        "ma_tthc": f"TT{i:02d}",
        "ngay_bd": "2022-08-05",
        "ngay_kt": "2022-08-17",
        "hinh_thuc_nop": str(rng.choice(["online", "in_person"])),
        "nhan_kq": "post",
        "thue_ngoai": "own",
        "so_lan_di_lai": str(rng.integers(0, 4)),
        "so_lan_bs": "0",
        "cp_khong_ct": str(rng.choice(["no", "-8"], p=[0.8, 0.2])),
        "dg_hai_long": str(rng.integers(1, 6)),
    }
    said |= {f"gio_b{n}": f"{h:g}" for n, h in enumerate(hours, 1)}
    said |= {"gio_tong": f"{hours.sum():.1f}"}
    costs = ["phi_le_phi", "cp_in_sao", "cp_di_lai", "cp_khac"]
    return said | {name: str(m) for name, m in zip(costs, money, strict=True)}


def workbook(sent: list) -> bytes:
    """What KoboToolbox exports of the interviews."""
    return kobo_xlsx(FORM, "thu_tuc", sent, title="APCI 2023")
