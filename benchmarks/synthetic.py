"""Plans that do not exist, as large as a real one: its structure with invented names, numbers and wording.

Every name that the extractors know in the real plan, and every number, becomes another one, the same
throughout the plan; common words become synonyms, drawn anew at every place. So a synthetic plan has the
headings, boxes and tables of the real one, and hardly a sentence in common with it or with another.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.extract.registry import extract_graph
from ingest.lexicon import load_lexicon
from ingest.load import load_text
from ingest.outline import build_outline
from ingest.passages import make_passages
from kg.model import Entity
from kg.schema import Label
from kg.settings import Settings

#: characters of invented names: as they stand in names of firms and villages
_NAME_CHARS = (
    "岚岭峪泉溪洲湖坪峰谷桥柳松柏桦枫榆槐梅兰竹菊荷莲杏桃梨棠桂芝苇芦雁鹤鹭凤鸿鹏骏麟玉珏瑞祥泰恒昌盛隆裕丰穗禾稷黍"
)
#: what a place's name ends with; the rest is its own
_PLACE_ENDINGS = ("社区", *"镇乡村山河沟路街渠线寺")
#: words of one meaning and one length; none is a cue for an extractor
_SYNONYMS = (
    "推进 推动 促进", "加强 强化 增强", "提升 提高 增进", "完善 健全 优化 改进", "积极 大力 着力 全力",
    "深入 扎实 切实 持续 稳步", "加快 加速 尽快", "重要 关键 重大", "明显 显著 突出", "群众 居民 百姓",
    "保障 保证 确保", "建立 构建 创建", "坚持 秉持 遵循", "鼓励 支持 引导 扶持", "质量 品质 成色",
    "管理 治理 管护", "结构 格局 布局", "基础 根基 底盘", "工作 事业 任务", "特色 特点 亮点",
    "资源 资产 要素", "经济 实业 财经", "社会 民间 大众", "发展 成长 进步", "能力 本领 实力",
    "体系 系统 机制", "生态 自然 绿色", "产业 行当 业态", "服务 供给 便利", "加大 扩大 放大",
    "有效 高效 管用", "不断 逐步 陆续", "全面 整体 通盘", "开展 举办 组织", "城乡 城镇 村镇",
    "实施 落实 施行", "农村 乡村 乡间", "改造 改建 翻新", "培育 培养 培植", "政策 举措 办法",
    "安全 平安 稳妥", "教育 教学 育人", "文化 人文 文教", "旅游 文旅 游览", "技术 工艺 科技",
    "环境 条件 氛围", "制度 规制 章程", "改革 革新 变革", "创新 创造 首创", "人才 英才 贤才",
    "设施 设备 装置", "严格 从严 严密", "落后 滞后 薄弱", "先进 前沿 领先", "广泛 普遍 广大",
    "需求 需要 所需", "机构 单位 部门", "干部 人员 同志", "思想 观念 理念", "风险 隐患 险情",
    "打击 惩治 整治", "提倡 倡导 崇尚", "整合 统合 归并", "培训 训练 研修", "新建 兴建 增建",
)  # fmt: skip
_ALTERNATIVES = {word: group.split() for group in _SYNONYMS for word in group.split()}
_WORDS = re.compile("|".join(_ALTERNATIVES))
#: a number that says something: not one of a heading, an item, a year, or a box
_NUMBER = re.compile(r"(?<![\d.\-－—])(?<!专栏)(?<!图)\d+(?:\.\d+)?(?![\d年\-－—]|\s*[.．、])")


@dataclass(frozen=True, slots=True)
class Template:
    """A real plan: its text, and the stems of the names in it, longest first."""

    text: str
    stems: tuple[str, ...]


def read_template(plan: Path, settings: Settings) -> Template:
    """Read a plan and find the names that are to be replaced."""
    text = load_text(plan)
    outline = build_outline(text, "template")
    graph = extract_graph(outline, make_passages(outline), load_lexicon(settings.lexicon_dir))
    stems = {outline.jurisdiction[:-1], *(stem for entity in graph.entities if (stem := _stem(entity)))}
    return Template(text, tuple(sorted(filter(None, stems), key=lambda stem: (-len(stem), stem))))


def _stem(entity: Entity) -> str:
    """What is a thing's own in its name: a firm's shortest form, a place without its kind; else empty."""
    name = min((entity.name, *entity.aliases), key=len)
    if entity.label is Label.ENTERPRISE:
        return name if 2 <= len(name) <= 4 else ""
    if entity.label in (Label.TOWN, Label.VILLAGE, Label.PLACE):
        ending = next((end for end in _PLACE_ENDINGS if entity.name.endswith(end)), "")
        stem = entity.name.removesuffix(ending)
        return stem if ending and 2 <= len(stem) <= 3 else ""
    return ""


def synthetic_plan(template: Template, seed: int) -> str:
    """The text of plan number ``seed``; the same for the same template and seed. As long as the real one."""
    rng = random.Random(seed)
    names: dict[str, str] = {}
    for stem in template.stems:
        while (invented := "".join(rng.sample(_NAME_CHARS, len(stem)))) in names.values():
            pass
        names[stem] = invented
    text = re.sub("|".join(map(re.escape, template.stems)), lambda m: names[m.group()], template.text)
    text = _WORDS.sub(lambda m: rng.choice(_ALTERNATIVES[m.group()]), text)
    return _NUMBER.sub(lambda m: _other_number(m.group(), seed), text)


def _other_number(number: str, seed: int) -> str:
    """As many digits, other ones; the same number becomes the same one wherever it stands in a plan."""
    if re.fullmatch(r"(19|20)\d\d", number):
        return number
    rng = random.Random(f"{seed} {number}")
    digits = [rng.choice("123456789") if char != "." else char for char in number]
    return "".join(digits)


def write_plans(template: Template, directory: Path, seeds: Iterable[int]) -> Sequence[Path]:
    """Write one file per seed; returns their paths in order."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in seeds:
        path = directory / f"plan-{seed:03}.txt"
        path.write_text(synthetic_plan(template, seed), encoding="utf-8", newline="")
        paths.append(path)
    return paths
