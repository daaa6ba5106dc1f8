"""Amounts as printed and as numbers: units, factors, comparators, years."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: unit as printed → (base unit, factor); equal things written differently meet in the base unit
_BASE_UNITS: dict[str, tuple[str, float]] = {
    "千瓦": ("kW", 1),
    "kW": ("kW", 1),
    "KW": ("kW", 1),
    "MW": ("kW", 1000),
    "兆瓦": ("kW", 1000),
    "GW": ("kW", 1e6),
    "MV": ("kW", 1000),
    "千伏": ("kV", 1),
    "kV": ("kV", 1),
    "KV": ("kV", 1),
    "公里": ("km", 1),
    "千米": ("km", 1),
    "km": ("km", 1),
    "米": ("m", 1),
    "平米": ("m²", 1),
    "平方米": ("m²", 1),
    "㎡": ("m²", 1),
    "立方米": ("m³", 1),
    "m³": ("m³", 1),
    "Nm³": ("m³", 1),
    "%": ("%", 1),
    "％": ("%", 1),
    "元": ("元", 1),
    "吨": ("吨", 1),
    "户": ("户", 1),
    "家": ("户", 1),
}
_SCALE = {
    "": 1.0,
    "十": 10.0,
    "百": 100.0,
    "千": 1000.0,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "万亿": 1e12,
}
_NUMBER = r"[0-9０-９]+(?:[,，][0-9]{3})*(?:[.．][0-9０-９]+)?"
_UNITS = (
    "% ％ ‰ 个百分点 个工作日 亿元 万元 元 亿千瓦时 万千瓦时 千瓦时 千瓦 kW KW MW GWh GW MVA "
    "MV kV KV 千伏 兆瓦 公顷 亩次 亩 平方公里 公里 千米 km 海里 平方米 平米 ㎡ 立方米 m³ Nm³ 米 "
    "吨标准煤 吨 公斤 千克 人次 人 户次 户 家 个 件 项 所 座 处 套 台 辆 艘 张 次 名 岁 年 天 "
    "微克/立方米 头 只 棒 条 支 种 村 场 间 棵 株 站 倍 分钟 小时 架 期 批 块 位 片 类 轴 盘 级 "
    "对 卷 宗 段 回 匹 锭 份 册 口 尾 班次 班 床 羽 箱 瓶"
).split()
#: a unit, with what it is reckoned by: `立方米/天`, `吨/处理站`
UNIT = (
    rf"(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
    r"(?:/(?:天|日|月|年|小时|时|h|d|a|亩|公顷|人|户|[\u4e00-\u9fff]{1,3}(?=[，。；、）]|$)))?"
)
#: number, scale, unit; `年产` and the like stand before it
AMOUNT = re.compile(
    rf"(?<![0-9０-９])(?P<number>{_NUMBER})\s*(?P<scale>万亿|千万|百万|十万|亿|万|千|百)?(?:余|多)?(?P<unit>{UNIT})"
)
_YEAR = re.compile(r"(20[0-9]{2}|２０[０-９]{2}|二[〇○零]三五)年")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit: ``value`` in the printed unit (`4.1`, `万吨`), ``base`` in base units."""

    value: float
    unit: str
    base: float
    base_unit: str


def half_width(text: str) -> str:
    """Digits, letters and signs in their half-width forms."""
    return unicodedata.normalize("NFKC", text)


def read_amount(match: re.Match[str]) -> Amount:
    """The amount that `AMOUNT` matched."""
    value = float(half_width(match["number"]).replace(",", "").replace("，", ""))
    scale = match["scale"] or ""
    unit = match["unit"]
    money = re.match(r"(亿|万)?(元)$", unit)
    factor = _SCALE[scale]
    if money:
        factor *= _SCALE[money.group(1) or ""]
        base_unit, per = "元", 1.0
    elif unit.startswith(("亿", "万")) and unit[1:]:
        factor *= _SCALE[unit[0]]
        base_unit, per = unit[1:], 1.0
    else:
        base_unit, per = _BASE_UNITS.get(unit, (unit, 1.0))
    return Amount(value, scale + unit.replace("％", "%"), value * factor * per, base_unit)


def year_of(text: str) -> int | None:
    """The last year that a text names, as a number; None if it names none."""
    years = _YEAR.findall(text)
    if not years:
        return None
    last = half_width(years[-1])
    return int(last) if last.isdecimal() else 2035
