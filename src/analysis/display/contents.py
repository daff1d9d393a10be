"""What tables are in hand, for whoever explores: printed, shown in JupyterLab, column by column."""

from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from analysis.display import resource
from analysis.display import table as tables
from analysis.display.resource import Shown
from analysis.language import codes
from analysis.language.languages import choose, say
from analysis.language.words import number
from analysis.lineage import store
from analysis.schema import tables as schema

TABLES = {
    "cells": "mọi ô của mọi tệp đã gửi, và số phận từng ô",
    "observations": "số liệu được chấp nhận, mỗi dòng một đơn vị, chỉ tiêu, lĩnh vực",
    "records": "dòng của các sổ theo dõi (nhiệm vụ, kiến nghị)",
    "record_counts": "số dòng của các sổ, đếm theo đơn vị và trạng thái",
    "submissions": "từng tệp: của ai, gửi ngày nào, có được dùng không",
    "issues": "từng vấn đề: tệp, trang tính, ô, quy tắc, lời giải thích",
    "balance": "cân đối ô: gửi = nhãn + chấp nhận + có vấn đề",
    "proposals": "ô có lẽ sai khi đẳng thức bị phá, và số có lẽ đúng",
    "rule_results": "từng quy tắc của biểu: áp dụng, đạt, không đạt, không áp dụng được",
    "totals": "tổng của từng đơn vị theo chỉ tiêu",
    "level_totals": "tổng theo cấp (tỉnh, huyện, xã)",
    "indicator_values": "giá trị chỉ tiêu, tử số, mẫu số",
    "national": "giá trị chỉ tiêu của tất cả đơn vị gộp lại",
    "scores": "điểm và hạng: chỉ tiêu, nhóm, tổng",
    "peer_scores": "thập phân vị của điểm trong từng loại đơn vị",
    "score_notes": "điều cần biết khi đọc điểm",
    "without_cases": "điểm không dựa trên số liệu đo được",
    "weights": "trọng số đã dùng",
    "explanation": "phần của từng chỉ tiêu trong điểm và trong thay đổi",
    "assessments": "giá trị so với mục tiêu",
    "rank_intervals": "khoảng của thứ hạng khi đổi cách tính",
    "rank_pairs": "từng cặp đơn vị: ai đứng trên, bao nhiêu phần số lần",
    "rank_close": "các cặp không phân biệt được",
    "rank_neighbours": "hai đơn vị đứng ngay trên, hai đơn vị đứng ngay dưới",
    "rank_factors": "lựa chọn nào làm thứ hạng thay đổi nhiều nhất",
    "rank_failures": "cách tính không cho kết quả",
    "rank_sources": "các hạng có thể có, theo từng nguồn: cách tính, chọn mẫu, ngẫu nhiên",
    "tiers": "nhóm hạng: số nhóm ít nhất mà số liệu đòi hỏi",
    "funnels": "tỷ lệ của từng đơn vị cạnh giới hạn ngẫu nhiên quanh tỷ lệ chung",
    "dispersion": "tỷ lệ của các đơn vị khác nhau quá mức ngẫu nhiên bao nhiêu",
    "agreement": "điểm tính lại cạnh điểm đã công bố",
    "influence": "mỗi vấn đề có thể làm số liệu, điểm, hạng thay đổi bao nhiêu",
    "survey.answers": "từng lượt thủ tục được chấp nhận: giờ, tiền, quyền số",
    "survey.estimates": "ước lượng theo nhóm thủ tục, vùng, quy mô; ô ít phiếu bị che",
    "survey.suppressed": "số trung bình bị che và lý do; chỉ dùng nội bộ",
    "survey.resampled": "khoảng tin cậy bootstrap của chi phí từng nhóm",
    "survey.scores": "điểm của nhóm thủ tục và của vùng trong nhóm",
    "survey.sensitivity": "chi phí từng nhóm khi đổi quyền số, đơn giá, cách xử lý giá trị lớn",
    "survey.change": "thay đổi so với kỳ điều tra trước, có khoảng tin cậy",
    "survey.differences": "chênh lệch chi phí giữa từng cặp nhóm, tính trong cùng một mẫu",
    "survey.small_areas": "số của tỉnh, thành phố theo mô hình, cạnh số trực tiếp",
    "survey.small_area_fit": "hệ số, phương sai và kiểm định của mô hình đó",
    "survey.regressions": "hồi quy mà kỳ điều tra yêu cầu: hệ số, sai số, khoảng tin cậy",
    "survey.item_response": "từng câu hỏi được trả lời thế nào",
    "survey.sample": "số doanh nghiệp được chọn và trả lời theo tầng",
    "survey.contacts": "từng doanh nghiệp được chọn: trả lời hay vì sao không; chỉ dùng nội bộ",
    "survey.interviews": "từng phiếu do ai hỏi, từ lúc nào đến lúc nào; chỉ dùng nội bộ",
    "survey.records": "từng dòng phiếu: được dùng hay vì sao không",
    "survey.issues": "từng vấn đề: tệp, trang tính, ô, quy tắc, lời giải thích",
    "survey.balance": "cân đối ô: gửi = nhãn + chấp nhận + có vấn đề",
}
"""What each table of a period holds, and (``survey.``) each of a survey edition, in words."""

_HEADS = {"table": "Bảng", "rows": "Số dòng", "columns": "Số cột", "what": "Nội dung"}
_TYPES = {"f": "number", "i": "integer", "u": "integer", "b": "boolean", "M": "date"}


class Contents:
    """An object of tables that shows itself as its table of contents.

    Its class has ``sizes`` (:meth:`analysis.lineage.store.Kept.sizes`) and says where its tables
    are (``at``: an attribute, or its own) and their ``prefix`` in :data:`TABLES`.
    ``heading``: what is to be said above them, in lines.
    """

    heading = ""

    def __init_subclass__(cls, at: str = "", prefix: str = "", **more: object) -> None:
        super().__init_subclass__(**more)
        cls._at, cls._prefix = at, prefix

    def contents(self) -> pd.DataFrame:
        """The tables: table, rows, columns (how many), what (in words, in the language in use)."""
        rows = [
            (name, rows, len(columns), say(TABLES.get(self._prefix + name, "")))
            for name, (rows, columns) in self.sizes().items()
        ]
        return pd.DataFrame(rows, columns=["table", "rows", "columns", "what"])

    def describe(self, table: str) -> pd.DataFrame:
        """The columns of a table: column, type, missing (how many values), meaning.

        Raises
        ------
        AttributeError
            naming the nearest, if there is no such table.
        """
        held = getattr(getattr(self, self._at) if self._at else self, table)
        meanings = _meanings(self._prefix + table)
        rows = [
            (n, _TYPES.get(c.dtype.kind, "text"), c.isna().sum(), meanings.get(n, ""))
            for n, c in held.items()
        ]
        return pd.DataFrame(rows, columns=["column", "type", "missing", "meaning"])

    def __repr__(self) -> str:
        listed = self.contents()
        wide = max(map(len, listed["table"]), default=0)
        lines = [
            f"{row.table:<{wide}} {number(row.rows):>10} {row.columns:>4}  {row.what}"
            for row in listed.itertuples()
        ]
        return "\n".join([line for line in (self.heading, *lines, self._how()) if line])

    def _repr_html_(self) -> str:
        heading = Markup("").join(
            Markup("<p>{}</p>").format(line) for line in self.heading.splitlines()
        )
        whole = dict.fromkeys(("rows", "columns"), "whole")
        listed = tables.show(self.contents(), _HEADS, whole)
        how = Markup("<p class='note'><code>{}</code></p>").format(self._how())
        return resource.joined([Shown(heading), listed, Shown(how)])._repr_html_()

    def _how(self) -> str:
        """How to get at a table."""
        at = f".{self._at}" if self._at else ""
        return f'{at}.scores   .describe("scores")'

    def __getattr__(self, name: str) -> object:
        if name.startswith("_") or name == self._at or hasattr(type(self), name):
            return object.__getattribute__(self, name)  # what a property raises is said as it is
        if self._at and name in self.sizes():
            raise AttributeError(f"{name} is a table: write .{self._at}.{name}")
        known = [n for n in dir(self) if not n.startswith("_")]
        raise AttributeError(f"there is no {name}{codes.hint(name, known)}")


class Tables(store.Kept, Contents):
    """Tables of a period that are kept, and show what they are."""


class SurveyTables(store.Kept, Contents, prefix="survey."):
    """Tables of a survey edition that are kept, and show what they are."""


def heading(plan) -> str:
    """Code and title of the plan of a period or an edition; whether its figures are real."""
    synthetic = say("Dữ liệu minh họa, không phải số liệu thật.") if plan.synthetic else ""
    return f"{plan.key}: {choose(plan.title)}\n{synthetic}".strip()


def _meanings(table: str) -> Mapping[str, str]:
    """Column → what it means, where its declaration says more than its name."""
    if table not in schema.TABLES:
        return {}
    declared = schema.describe(table)
    return dict(zip(declared["column"], declared["meaning"], strict=True))
