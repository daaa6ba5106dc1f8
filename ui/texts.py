"""Every word that the page shows, in one place."""

from __future__ import annotations

APP_TITLE = "规划问答"
TAGLINE = "回答只依据规划原文，每一句都可以查到出处"

# status line
PLAN = "规划"
GRAPH = "图谱"
ENGINE = "图引擎"
EMBEDDING = "嵌入模型"
BUILT_AT = "建库时间"
GRAPH_COUNTS = "{nodes:,} 个节点，{relations:,} 条关系，{passages:,} 个段落"
NO_PLAN = "尚未载入"

# welcome
WELCOME_HEADING = "请提出关于规划的问题"
WELCOME_HINT = "直接用平常的话提问，也可以从下面的例子开始。"
NO_EXAMPLES_HINT = "直接用平常的话提问，例如某项指标的目标值、某个专栏列了哪些项目、某家企业做什么。"
CLEARED = "已开始新对话。刚才的对话可以用“撤销清空”找回。"

# composer
QUESTION_LABEL = "问题"
QUESTION_PLACEHOLDER = "输入问题。Enter 发送，Shift+Enter 换行"
SEND = "发送"
STOP = "停止"
NEW_CONVERSATION = "新对话"
UNDO_CLEAR = "撤销清空"
EXPORT = "导出对话"

# transcript
CONVERSATION = "对话"
ASKED = "问"
ANSWERED = "答"
SEARCHING = "正在查阅规划原文"
STOPPED = "已停止。以上内容不完整，未经核对出处。"
STOPPED_EMPTY = "已停止，没有得到回答。"
REFUSED = "规划中没有查到"
CONFLICT = "规划中的说法不一致"
CONFLICT_SEE = "见"
NOTE = "说明"
DERIVED = "由原文数字计算得出：{numbers}"
EVIDENCE_COUNT = "依据 {count} 条"
NO_EVIDENCE = "无依据"
COPY = "复制"
ELAPSED = "用时 {seconds} 秒"
CYPHER = "图谱查询语句"
OPEN_MARK = "查看依据 {number}：{locator}"

# evidence
EVIDENCE = "依据"
EVIDENCE_FOR = "问：{question}"
EVIDENCE_EMPTY = (
    "回答中的每一个编号都对应规划原文的一处引文。有了回答以后，引文列在这里，点开可以看到它在原文中的位置。"
)
EVIDENCE_PENDING = "正在查找依据……"
EVIDENCE_UNANSWERED = "最近一个问题没有得到回答，所以没有依据。"
EVIDENCE_NONE = "这个回答没有引用原文。"
EVIDENCE_GONE = "这段对话已经不在了，无法打开它的依据。请重新提问。"
SOURCE = "原文"
CUT = "……"
SOURCE_FAILED = "无法打开这一处原文。请稍后再试；如果总是这样，请联系管理员。"
BACK = "返回回答"
CLOSE_CARD = "收起原文"

# errors
UNEXPECTED = (
    "系统出现意外错误，这个问题没有得到回答。请稍后再试；如果总是这样，请联系管理员查看日志。"
)
PORT_IN_USE = (
    "无法在 {host}:{port} 上提供网页（端口被占用或地址不可用）。请用 PLANKG_SERVER_PORT 换一个端口。"
)
EXAMPLES_BROKEN = "示例问题文件 {name} 无法使用：{reason}。请改正或删除它。"

# Markdown export
EXPORT_TITLE = "规划问答记录"
EXPORT_FILE = "规划问答记录"
EXPORT_QUESTION = "问"
EXPORT_EVIDENCE = "依据"
COPIED = "已复制"
COPY_FAILED = "浏览器不允许复制，请手动选择文字"
NOTHING_TO_EXPORT = "还没有可以导出的对话"
