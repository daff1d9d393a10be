"""What a page shows of the published editions of APCI: tables in words, computed sentences."""

from collections.abc import Mapping

import pandas as pd

from analysis.language.languages import said, say
from analysis.language.words import MISSING, number, short

PUBLISHED_MEASURE = {
    "firms_surveyed": "Số doanh nghiệp được hỏi",
    "provinces_covered": "Số tỉnh, thành phố",
    "procedure_groups": "Số nhóm thủ tục",
    "procedures_in_group": "Số thủ tục trong nhóm",
    "procedure_transactions_covered": "Số lượt thủ tục (chưa rõ nghĩa)",
    "report_number_in_series": "Báo cáo thứ mấy",
    "localities_in_efficient_quadrant": "Số địa phương ở góc “Hiệu quả”",
    "cost_share_of_overall_mean": "So với trung bình chung, %",
    "cost_share_of_construction": "So với nhóm xây dựng, %",
    "direct_cost_share": "Phần chi phí trực tiếp, %",
    "cost_ratio_north_to_national_mean": "Miền Bắc so với cả nước",
    "cost_ratio_central_to_national_mean": "Miền Trung so với cả nước",
    "cost_ratio_south_to_national_mean": "Miền Nam so với cả nước",
    "time_best_province": "Thời gian ở tỉnh tốt nhất, giờ",
    "time_mean_northern_key_economic_region": "Thời gian vùng KTTĐ Bắc Bộ, giờ",
    "time_mean_mekong_key_economic_region": "Thời gian vùng KTTĐ ĐBSCL, giờ",
    "cost_mean_southern_key_economic_region": "Chi phí vùng KTTĐ phía Nam, đồng",
    "cost_mean_central_key_economic_region": "Chi phí vùng KTTĐ miền Trung, đồng",
    "score_central_key_economic_region": "Điểm vùng KTTĐ miền Trung",
    "score_range_2018_2022": "Chênh lệch điểm cao nhất và thấp nhất 2018–2022",
    "best_province": "Tỉnh tốt nhất",
    "cost_best_province": "Chi phí ở tỉnh tốt nhất, đồng",
    "cost_best_province_ratio_to_best_region": "Tỉnh tốt nhất so với vùng tốt nhất, %",
    "cost_best_province_ratio_to_national": "Tỉnh tốt nhất so với cả nước, %",
    "cost_ratio_central_to_lowest_scoring_region": "Miền Trung so với vùng thấp điểm nhất, %",
    "online_submission_share": "Nộp trực tuyến, %",
    "online_result_receipt_share": "Nhận kết quả trực tuyến, %",
    "online_submission_share_khai_le_phi_mon_bai": "Khai lệ phí môn bài trực tuyến, %",
    "online_submission_share_thong_bao_phat_hanh_hoa_don": "Thông báo hóa đơn trực tuyến, %",
    "online_tax_declaration_share": "Khai thuế trực tuyến, %",
    "full_package_intermediary_use_growth": "Tăng thuê trọn gói, % một năm",
    "firms_paid_unofficial_costs": "Có chi không chính thức, %",
}

BOUNDED = {"lower_bound": "hơn {figure}", "approximate": "khoảng {figure}"}
"""Bounds that are written with the figure."""


def published_editions(published: pd.DataFrame) -> pd.DataFrame:
    """What is known of each edition: firms, groups, provinces, how many figures were found."""
    whole = published[published["procedure_group"] == "all"]
    wide = whole.pivot_table(
        index="edition", columns="measure", values="obs_value", aggfunc="first"
    )
    columns = ["firms_surveyed", "procedure_groups", "provinces_covered"]
    groups = published[published["procedure_group"] != "all"]
    levels = groups[groups["measure"] == "cost_mean_per_procedure"]
    years = pd.Index([str(y) for y in range(2018, 2023)], name="edition")
    table = wide.reindex(columns=columns).reindex(years)
    rows = published_rows(whole.dropna(subset=["obs_value"]), {}, {}, {})
    for column in columns:
        own = rows[rows["measure"] == column].drop_duplicates("edition")
        table[column] = own.set_index("edition")["text"].reindex(years).fillna(MISSING)
    table["levels"] = levels.groupby("edition")["procedure_group"].nunique().reindex(years)
    table["figures"] = published.groupby("edition").size().reindex(years)
    return table.fillna({"levels": 0, "figures": 0}).reset_index()


def published_rows(
    table: pd.DataFrame,
    names: Mapping[str, str],
    words: Mapping[str, str],
    bounds: Mapping[str, str],
) -> pd.DataFrame:
    """Published figures as a reader sees them: name, what, text (value with its bound)."""
    parts = zip(table["value"], table["obs_value"], table["bound"], strict=True)
    return table.assign(
        name=table["procedure_group"].map({**names, "all": say("Tất cả các nhóm")}),
        what=table["measure"].map(said(words)).fillna(table["measure"]),
        text=[
            v if pd.isna(x) else say(BOUNDED.get(b, "{figure}"), figure=short(x))
            for v, x, b in parts
        ],
        bound_text=table["bound"].map(said(bounds)).mask(table["bound"].isin(BOUNDED), ""),
    )


def published_summary(published: pd.DataFrame, conflicts: pd.DataFrame) -> str:
    """Key sentence of the published record."""
    more = (published["bound"] == "lower_bound").sum()
    levels = published[published["measure"] == "cost_mean_per_procedure"]
    held = sorted(set(levels["edition"]))
    none = [str(y) for y in range(2018, 2023) if str(y) not in held]
    return say(
        "Tìm được {all} số liệu đã công bố; mức chi phí chỉ có của các kỳ {held}, không có của "
        "{none}. {more} số chỉ là cận dưới (“hơn …”), {conflicts} chỗ các nguồn mâu thuẫn nhau.",
        all=number(len(published)),
        held=", ".join(held),
        none=", ".join(none),
        more=number(more),
        conflicts=number(conflicts["conflict"].nunique()),
    )


def break_sentence(cost: pd.DataFrame, names: Mapping[str, str]) -> str:
    """How far groups moved across the break: too far for a trend."""
    exact = cost[cost["bound"] != "lower_bound"]
    wide = exact.pivot_table("estimate", index="procedure_group", columns="edition")
    editions = sorted(wide.columns)[:2]
    if len(editions) < 2:
        return ""
    moved = (wide[editions[1]] / wide[editions[0]]).dropna().sort_values()
    if moved.empty:
        return ""
    groups = [
        say("{group} {ratio} lần", group=names[g], ratio=number(r, 2))
        for g, r in moved.items()
        if g in names
    ]
    return say(
        "Từ {first} đến {last} số công bố đổi rất khác nhau: {groups}. Cách tính, phạm vi hoặc giá "
        "giờ công đã đổi, nên đây là chỗ gãy của chuỗi, không phải xu hướng.",
        first=editions[0],
        last=editions[1],
        groups="; ".join(groups),
    )


def rates(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Implied hourly rates with names and the way they were derived."""
    basis = {
        "printed": "chi phí thời gian đã công bố ÷ số giờ",
        "total_less_direct": "(tổng − trực tiếp) ÷ số giờ; coi tổng = thời gian + trực tiếp",
    }
    return table.assign(
        name=table["procedure_group"].map(names), how=table["basis"].map(said(basis))
    ).sort_values(["edition", "name"])


def rate_range(table: pd.DataFrame) -> str:
    """How far the implied rates of the first and last edition lie apart."""
    if table["hourly_rate"].dropna().empty:
        return say("Chưa có cặp số đã công bố nào để suy ra giá giờ công.")
    first, last = table["edition"].min(), table["edition"].max()
    ends = {e: table.loc[table["edition"] == e, "hourly_rate"] for e in (first, last)}
    return say(
        "Giá giờ công suy ra là {mean} đồng ở kỳ {first} và từ {low} đến {high} đồng ở kỳ {last}. "
        "Vì vậy số tiền của các kỳ không so trực tiếp được với nhau; số giờ và chi phí trực tiếp "
        "thì được.",
        mean=number(ends[first].mean()),
        first=first,
        low=number(ends[last].min()),
        high=number(ends[last].max()),
        last=last,
    )
