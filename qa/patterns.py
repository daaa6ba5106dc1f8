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
    r"(?:多少|几)个?百分点|差(?:多少|值|距)|增量|增幅|翻(?:几|多少)|倍|复合|年均(?:需|要|应)|净增(?:加|长)?了?(?:多少|几)"
)
SUMMARY = re.compile(
    r"如何|怎么(?!说|写|称|样的)|怎样|哪些(?:内容|措施|举措|办法|对策|打算|方面|任务|要求|做法|工作|部署|安排|动作|事(?!项|业|故|件)|招数?|路子|方向|环节|变动|挑战|机遇|问题|成就|成绩|原则|不足|变化|要点|思路|保障)|"
    r"(?:内容|措施|举措|任务|要求|安排|挑战|机遇|问题|成就|成绩|原则|不足|思路|要点|经验)(?:都|主要|具体|分别)?(?:有|是|包括|包含)?(?:哪些|什么|哪几)|"
    r"概括|总结|概述|简述|介绍|总体(?:思路|要求|目标)|主要(?:内容|任务|目标|措施)|有何|有(?:什么|啥)(?:要求|安排|举措|措施|打算|变化|动作|办法|法子|做法)"
)
#: headings under which plans tell what was achieved and what is wanting; not `补齐短板`, which is a task
ACHIEVED_HEADING = re.compile(r"十三五|成就|回顾|发展评估|发展基础|现状")
PROBLEM_HEADING = re.compile(r"不足|存在的?(?:主要|突出)?问题|困难和问题|挑战")
#: headings of what was, is lacking or is faced, not of what is to be done; and what asks about it
BEFORE_HEADING = re.compile(
    rf"(?:{ACHIEVED_HEADING.pattern}|{PROBLEM_HEADING.pattern}|机遇|形势|发展环境|环境研判)"
)
SECTION_NAMED = re.compile(r"[一这那本]节(?!能|约|水|课|假)")
LOOKS_BACK = re.compile(
    r"十三五|成就|成绩|成效|回顾|评估|发展基础|过去|以往|不足|短板|缺点|问题|机遇|挑战|形势|已经|取得|五年来"
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
#: how long is asked, and not when; the units that tell it (not years, which are dates)
DURATION = re.compile(
    r"(?:要|需|需要|花|用|得|缩短[到至]|压缩[到至]|控制在|不超过)多久|多久(?:以内|之内|内|[能可]?以?[到办])|多长时间"
)
DURATIONS = ("分钟", "小时", "个工作日", "工作日", "天", "个月")
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
    r"怎么[说写样]?|如何|怎样|为什么|分别|到底|究竟|一共|总共|总计|合计|全?部?加(?:起来|在一起)|合起来|请问|告诉我|我想知道|想了解|"
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
#: what was, what shall be, what is wanting: plans tell each under headings of its own
PAST = re.compile(r"十三五|过去|五年(?:来|里)|已经|以来|累计|截[至止]|了(?:多少|几|什么|哪)|[得成建到完]了")
FUTURE = re.compile(r"十四五|打算|计划|准备|目标|未来|今后|将来?(?!军)|要(?!求|素|点)|力争|规划期")
_TROUBLE = r"(?:问题|不足|短板|困难|难处|挑战|弱项|毛病|压力|差距|瓶颈)"
PROBLEM = re.compile(
    rf"(?:什么|哪些|哪[几方]|有何|啥|存在|面临)[^，。？?]{{0,6}}{_TROUBLE}|{_TROUBLE}(?:主要|都|分别|在|是|有)*(?:什么|哪|啥)"
)

#: one thing against another: `甲比乙多几个`, `甲和乙相差多少`, `甲是乙的几倍`, `甲占乙的百分之几`
_THAN = r"(?<![占对同环相])比(?![例重率较赛值邻如])"
COMPARED = (
    re.compile(rf"(?P<x>[^,，。？?；;]+?){_THAN}(?P<y>[^,，。？?；;]+?)[多少高低大小长短][^,，。？?；;]{{0,8}}?(?:多少|几)"),
    re.compile(r"(?P<x>[^,，。？?；;]+?)(?:和|跟|与|同)(?P<y>[^,，。？?；;]+?)(?:之间)?(?:相差|差距|差)[^,，。？?；;]{0,4}?(?:多少|几)"),
)
TIMES = re.compile(
    r"(?P<x>[^,，。？?；;]+?)(?:是|达到|相当于|为)(?P<y>[^,，。？?；;]+?)的?(?:几|多少)倍"
)
_SHARE_ASKED = (
    r"(?:百分之(?:几|多少)|(?:多大|多少|多高)(?:的?(?:比例|比重|份额|部分))|几成|比例|比重|多少$|多少[？?])"
)
PART = (
    re.compile(rf"(?P<y>[^,，。？?；;]+?)(?:里头|里面|当中|之中|中|里)[,，]?(?P<x>[^,，。？?；;占]+?)占(?:到|了|据)?{_SHARE_ASKED}"),
    re.compile(rf"(?P<x>[^,，。？?；;]+?)占(?![比地])(?:到|了|据)?(?P<y>[^,，。？?；;]+?)的?{_SHARE_ASKED}"),
)
SUMMED = re.compile(
    r"(?P<items>[^,，。？?；;]+?)[,，]?(?:一共|总共|合计|共计|加起来|加在一起|合起来|合在一起|总和|加总|加到一块)"
)
#: between things that are added, and what only says how many they are
ADDED = re.compile(r"加上|以及|[、和跟与及]")
HOW_MANY_THINGS = re.compile(r"[两二三四五六七八九十几](?:样|项|者|家|个|类|种|级|块|方面)(?=$|的|都)|这$")
#: an amount per one of something; `c` is the word that counts it, `a` its name, `b` what each of them has
AVERAGE = (
    re.compile(r"(?P<head>[^,，。？?；;]*?)[,，]?平均(?:下来|算下来)?[,，]?(?:每|一)(?P<c>[个户家名人场座项所处条亩村镇])(?P<a>[^,，。？?；;]*?)(?:几|多少)(?P<b>[^,，。？?；;]*)"),
    re.compile(r"(?P<head>)(?:每|一)(?P<c>[个户家名人场座项所处条亩村镇])(?P<a>[^,，。？?；;]+?)平均[^,，。？?；;]*?(?:几|多少)(?P<b>[^,，。？?；;]*)"),
    re.compile(r"(?P<head>[^,，。？?；;]*?)(?P<c>[户人亩])均(?P<a>)[^,，。？?；;]*?(?:几|多少)(?P<b>[^,，。？?；;]*)"),
)
AVERAGE_YEAR = re.compile(r"平均[^？?。；;]{0,5}?(?:一|每)年|(?:一|每)年平均|年均")
#: a period that is written out: `五年累计`
YEARS_COUNTED = re.compile(r"([一二两三四五六七八九十]|\d{1,2})年(?:来|间|内|里|共|累计|期间|总共|时间)")
EARLIER = re.compile(r"调整(?:之|以)?前|原来|原先|起初|过去|以前|从前|五年前|当初")
#: words of a calculation, which name nothing
CALCULATING = re.compile(
    r"平均(?:下来)?|(?:每|一)[个户家名人场座项所处条亩](?![\u4e00-\u9fff]?级)|[户人亩]均|口人|总?(?:户数|人数|个数|总数)|百分之|"
    r"加起来|加在一起|合起来|合在一起|相差|差距|[几多][倍少]|[两三四][样项家者个](?!月)"
)
#: what is measured, as far as the unit says it too
MEASURED = re.compile(
    r"总?(?:面积|数量|规模|产能|年产能|长度|里程|比重|占比|比例|份额|数|量|额|人数)"
)
#: how many of a kind of thing, which a text may list without counting them
LISTED_COUNT = re.compile(
    r"(?:几|多少)(?P<unit>[个项家条类种处样方所位名卷座户道门支件张场]|大(?=[\u4e00-\u9fff]))(?!月|百分)(?P<kind>[^,，。？?；;]{0,12})"
)
INVESTED = re.compile(r"(?:总|项目)?投资额?|投")
