"""How questions are asked: patterns of the language, whatever the plan."""

from __future__ import annotations

import re

QUOTED = re.compile(r"[“\"「『《‘']([^”\"」』》’']{1,30})[”\"」』》’']")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年?")
BOX = re.compile(r"专栏\s*(\d+(?:\s*[-—–－]\s*\d+)?)")
LIST = re.compile(
    r"哪些|哪几|有什么|有啥|清单|列出|列举|名单|都有|分别是|列了|包括什么|包含什么|哪[二三四五六七八九十两]"
)
#: behind this stands the kind of thing that is asked for
KIND = re.compile(r"(?:什么样?的?|哪些|哪几[个家项种类座所条]?|哪[个家种类座所项](?!项)|啥)")
COUNT = re.compile(r"(?:几|多少)\s*(?:个|项|家|条|类|大类?|座|处|所|户|张|种|件|名|位)|数量|总数")
DEFINITION = re.compile(
    r"什么是|是什么(?!时候|地方|产品|企业|项目|公司)|指什么|指的是|指哪|是指|含义|什么意思|定义|怎么理解|如何理解|是哪[几一二三四五六七八九十](?!年|天|月|家|位|所|个[镇乡村县地企公部单])|具体指|指的?啥"
)
DIFFERENCE = re.compile(
    r"(?:提高|增加|提升|增长|上升|下降|降低|减少|多|少|变化|差|相差|高|低|涨|扩大)(?:了|出|到)?(?:多少|几)|"
    r"(?:多少|几)个?百分点|差(?:多少|值|距)|增量|增幅|翻(?:几|多少)|倍|复合|年均(?:需|要|应)|净增多少"
)
SUMMARY = re.compile(
    r"如何|怎么(?!说|写|称|样的)|怎样|哪些(?:内容|措施|举措|办法|对策|打算|方面|任务|要求|做法|工作|部署|安排|挑战|机遇|问题|成就|成绩|原则|不足|变化|要点|思路|保障)|"
    r"(?:内容|措施|举措|任务|要求|安排|挑战|机遇|问题|成就|成绩|原则|不足|思路|要点|经验)(?:都|主要|具体|分别)?(?:有|是|包括|包含)?(?:哪些|什么|哪几)|"
    r"概括|总结|概述|简述|介绍|总体(?:思路|要求|目标)|主要(?:内容|任务|目标|措施)|有何|有什么(?:要求|安排|举措|措施|打算)"
)
HOW_MUCH = re.compile(r"多少|(?<!哪)几(?!乎|何)|多大|多高|多长|多宽|多快")
#: what has an amount; where `which` is asked of it, the amount is not what is asked for
AMOUNT = re.compile(
    r"比例|占比|数量|规模|产值|金额|总投资|增速|目标值|"
    r"年产|产能|投资额|面积|人数|户数"
)
WHICH = re.compile(r"哪(?!一?年|里)|谁")
WHEN = re.compile(
    r"哪一?年|何时|什么时候|几年(?:实现|完成|建成)|什么时间|多久|哪年|年份|几月|哪个?月|哪一?天|几月几[号日]|什么日子"
)
WHO = re.compile(r"是谁|谁是|谁(?:担任|当|任|主持)|哪位|何人|姓名|姓什么|叫什么")
#: a place in an order is asked for, and not how much
ORDINAL = re.compile(r"第几(?!个?五年)|排(?:在|名|到)?第?几|排名|名次|位次")
WHY = re.compile(r"为什么|为何|为啥|凭什么|什么原因|原因(?:是|在)|怎么会")
#: what a reason is given by; not `因地制宜` and its like, which give none
REASON = re.compile(
    r"(?<![起原诱成基])因(?![地乡村户人病材素子此])|由于|为了|受[^,。]{1,24}(?:制约|影响|限制|冲击)|有利于|有助于|"
    r"导致|致使|使得|造成|原因|得益于|根本在于|鉴于|以便|旨在|以(?:避免|防止|满足|适应|解决)|针对"
)
#: yes or no is asked
WHETHER = re.compile(
    r"有没有|有无|是不是|是否|能否|会不会|要不要|能不能|吗[?？。]?$|没有?[?？]?$"
)
#: who does a thing is asked: a firm or an office
DOER = re.compile(
    r"(?:由|归)谁(?!的)|谁(?:建|来|承|实|负|投|出资|牵头|运营|设计|施工)|业主|"
    r"(?:承建|施工|建设|实施|投资|设计|责任|牵头)(?:单位|主体|方)"
)
#: in a plan, who does a thing is a firm or an office, unless a person's role is named
ROLE = re.compile(
    r"书记|[县市镇乡区局处科院校馆园厂站所队村董事会主]长|主任|领导|负责人|代表|总理|主席|院士|同志|教授|经理|老板|法人|创始人|"
    r"[承责头办]人"
)
#: administrative places by their ending; common words that end alike are left out
ADMINISTRATIVE = re.compile(
    r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,3}?[市县省州旗](?![场政民委级直内域里城长])"
)
#: a share is asked for, whatever it is of
SHARE = re.compile(r"占(?!地)[^，。？?]{0,16}(?:多少|几|多大|比)|百分之几|多大比例|比例[^，。]{0,4}多")
#: the whole of a region that a plan of a county is only a part of
WIDER = re.compile(r"全国|全省|全球|全世界")
NOT_A_PLACE = re.compile(
    r"^(?:目前|现在|如今|当前|全[^国省]|我|本|各|该|外|跨|省|地|中小|大|强)|"
    r"(?:城|都|超|股|门|上|夜|集|县|园林|示范|先进|文明|强|后|省|两|设|副|小)[市县省州旗]$"
)
WHERE = re.compile(
    r"哪里|哪儿|何处|什么地方|在哪(?!些|[类家种]|个专栏|一?章|个章|几|一?节)|位于|哪个(?:镇|乡|村|县|地方|区)|地点|选址"
)
UNIT = re.compile(
    r"(?:多少|几)\s*(亿元|万元|元|万吨|吨|公里|千米|米|平方公里|平方米|平米|万亩|亩|公顷|万人次|人次|万人|人|个百分点|百分点|"
    r"岁|年|天|个|家|户|项|座|所|条|件|张|辆|台|头|处|村|倍|兆瓦|千瓦|万千瓦|套|名|场|种|类|次|块|级)"
)
#: a classifier or unit behind `多少`, unless it begins a word: `多少个项目` asks about 项目
_CLASSIFIER = (
    r"(?:个(?!体|税|人)|项(?!目)|家(?!庭|政)|座|处(?!理|置)|户(?!籍|外|用)|名(?!称|牌|镇|村)|位(?!置)|岁|年(?!均|产)|天|"
    r"条(?!件)|所(?!有)|类|种(?!植|子)|亩(?!均)|吨|元|人(?!才|次|口|员|均|数)|次|件|张|倍|米|公里|块)?"
)
#: how is asked, not what about; taken out before the rest is cut into words
ASKING = re.compile(
    rf"百分之(?:多少|几)|(?:占|有|是|达|到|要|约|为)*(?:多大(?:比例|面积|规模)?|(?:多少|多高|多长|几){_CLASSIFIER})|"
    r"(?:在|是|于)?(?:什么时候|什么时间|哪一?年|何时)|什么(?:样的?)?|"
    r"哪(?:一?(?:[些家位类座里儿]|[个项种](?!目|体|植))|几(?:[个家类]|[项种](?!目|植))?|"
    r"[两三四五六七八九十](?:[个家类]|[项种](?!目|植))?)|是不是|有没有|是否|能否|"
    r"怎么[说写样]?|如何|怎样|为什么|分别|到底|究竟|一共|总共|总计|合计|请问|告诉我|我想知道|想了解|"
    r"帮我|一下|规划(?:里|中|期内|提出|要求|打算)?"
)
#: names of reigns, by which old books and buildings are dated: `光绪八年`
REIGNS = (
    "洪武", "永乐", "宣德", "正统", "成化", "弘治", "正德", "嘉靖", "万历", "天启", "崇祯", "顺治", "康熙",
    "雍正", "乾隆", "嘉庆", "道光", "咸丰", "同治", "光绪", "宣统", "民国",
)
#: a plan's period; one that no plan here speaks of is asked about like another place
PERIOD = re.compile(r"十[一二三四五六七八九]五")
DATE = re.compile(
    r"(?:19|20)\d\d\s*年?(?:底|末|初)?|[“\"]?十[三四五六]五[”\"]?(?:时期|期间|末|规划)?|第?十[三四五]个?五年"
)
