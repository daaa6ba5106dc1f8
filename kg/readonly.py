"""Guard for Cypher that comes from outside: only statements that read the graph pass.

An allow-list, not a deny-list. Two expressions never stand side by side in Cypher, so a bare word after
a complete expression can only be an operator or the start of a clause, and it must be one that is known
to read. Whatever an engine adds (``LOAD CSV``, ``FORMAT``, ``INSERT``, ``USE``, ...) is refused unheard.

Strings, backtick names and comments are taken out first. What could make an engine see other tokens
than this module does is refused outright: unicode escapes (Neo4j decodes them before it parses), lone
carriage returns and other control characters, full-width letters, and digits glued to letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import NoReturn

from kg.errors import CypherRefusedError

#: procedures that only read, on either engine; compared without regard to case
READ_PROCEDURES = frozenset(
    {
        "db.labels",
        "db.relationshiptypes",
        "db.propertykeys",
        "db.schema.visualization",
        "db.schema.nodetypeproperties",
        "db.schema.reltypeproperties",
        "db.index.fulltext.querynodes",
        "db.index.fulltext.queryrelationships",
    }
)
#: built-in functions with a dot in their name; all others (apoc, user-defined) could do anything
_FUNCTION_NAMESPACES = frozenset(
    {"date", "datetime", "localdatetime", "time", "localtime", "duration", "point", "vector.similarity"}
)
_CLAUSES = frozenset({"MATCH", "OPTIONAL", "WITH", "UNWIND", "RETURN", "CALL"})
#: words that may follow a complete expression and are followed by another one
_INFIX = frozenset(
    "AND OR XOR NOT IN IS STARTS ENDS CONTAINS THEN ELSE WHEN WHERE ORDER SKIP LIMIT OFFSET YIELD "
    "MATCH WITH UNWIND RETURN".split()
)
#: words that may follow a complete expression and leave one behind
_SUFFIX = frozenset("ASC ASCENDING DESC DESCENDING END FINISH".split())
#: words in front of an expression
_PREFIX = frozenset("NOT DISTINCT CASE WHEN BY WITH".split())
#: never an expression, so not accepted as the name of a variable or function either
_NEVER = frozenset(
    "CREATE MERGE SET DELETE DETACH NODETACH REMOVE DROP FOREACH LOAD CSV INSERT ALTER GRANT REVOKE DENY "
    "TRANSACTIONS EXPLAIN PROFILE".split()
)
_SUBQUERY_WORDS = frozenset({"EXISTS", "COUNT", "COLLECT"})
_PAIRS = {")": "(", "]": "[", "}": "{"}


class TokenKind(Enum):
    """What a piece of a statement is."""

    SPACE = auto()
    COMMENT = auto()
    STRING = auto()
    QUOTED = auto()  # a name in backticks
    NUMBER = auto()
    WORD = auto()
    PUNCTUATION = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a statement; the texts of all tokens joined give the statement."""

    kind: TokenKind
    text: str

    @property
    def keyword(self) -> str:
        """The word in capitals; empty for other tokens and for words that no keyword can be."""
        return self.text.upper() if self.kind is TokenKind.WORD and self.text.isascii() else ""


_TOKEN = re.compile(
    r"""
    (?P<SPACE>[ \t\n\r]+)
    |(?P<COMMENT>//[^\n]*|/\*.*?\*/)
    |(?P<STRING>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<QUOTED>`(?:[^`]|``)*`)
    |(?P<NUMBER>(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?!\w))
    |(?P<WORD>[^\W\d]\w*)
    |(?P<PUNCTUATION>\.\.|/(?!\*)|[()\[\]{}.,:;+\-*%^=<>!&|$~])
    """,
    re.VERBOSE | re.DOTALL,
)


def check_read_only(cypher: str) -> None:
    """Let a statement pass only if it can do nothing but read the graph.

    Raises: CypherRefusedError: it would write, read files or call foreign code; or it is written in a
        way that an engine could understand differently; or it is several statements.
    """
    _checked(cypher)


@lru_cache(maxsize=1024)
def _checked(cypher: str) -> None:
    """Cached for statements that pass: the same few are asked again and again."""
    _Check(significant(tokenize(cypher))).run()


@lru_cache(maxsize=1024)
def tokenize(cypher: str) -> tuple[Token, ...]:
    """Split a statement into tokens, white space and comments included.

    Raises: CypherRefusedError: an unclosed string, a character that Cypher does not have, or one that
        an engine could read differently.
    """
    _check_characters(cypher)
    tokens: list[Token] = []
    position = 0
    while position < len(cypher):
        match = _TOKEN.match(cypher, position)
        if match is None:
            raise CypherRefusedError(
                f"拒绝执行：第 {position + 1} 个字符“{cypher[position]}”处无法识别"
                "（引号或注释没有结束、数字与字母相连，或用了全角符号）。请改正后再试。"
            )
        tokens.append(Token(TokenKind[match.lastgroup or ""], match.group()))
        position = match.end()
    for token in tokens:
        if token.kind is TokenKind.WORD and unicodedata.normalize("NFKC", token.text) != token.text:
            raise CypherRefusedError(f"拒绝执行：“{token.text}”含有全角或变体字母。请改用半角字母。")
    return tuple(tokens)


def significant(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without white space and comments."""
    return [token for token in tokens if token.kind not in (TokenKind.SPACE, TokenKind.COMMENT)]


def without_comments(cypher: str) -> str:
    """The statement with spaces in place of comments, so that positions in error messages still hold.

    Run this rather than the original: then no engine can see another end of a comment than we do.
    """
    return "".join(map(_without_comment, tokenize(cypher)))


def _without_comment(token: Token) -> str:
    if token.kind is not TokenKind.COMMENT:
        return token.text
    return "".join(char if char == "\n" else " " for char in token.text)


def _check_characters(cypher: str) -> None:
    if "\\u" in cypher.lower():
        raise CypherRefusedError("拒绝执行：语句中不能使用 \\u 转义。请直接写出该字符，或用参数传入。")
    for char in cypher.replace("\r\n", "\n"):  # a lone \r ends a comment for some engines only
        if char not in "\t\n" and unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
            raise CypherRefusedError("拒绝执行：语句含有控制字符。请删除后再试，或用参数传入。")


class _Expect(Enum):
    """What may come next."""

    CLAUSE = auto()  # a clause keyword and nothing else
    OPERAND = auto()  # an expression or pattern
    AFTER = auto()  # an expression is complete: an operator or a clause keyword
    NAME = auto()  # any word, it is a name: after AS, a dot or a dollar sign


class _Check:
    """Walks the tokens once; see the module's docstring for why this is enough."""

    def __init__(self, tokens: list[Token]) -> None:
        while tokens and tokens[-1].text == ";":
            tokens.pop()
        self._tokens = tokens
        self._expect = _Expect.CLAUSE
        self._open: list[str] = []
        self._imports_end = -1  # index of the bracket that closes CALL (…), before its {

    def run(self) -> None:
        if not self._tokens:
            raise CypherRefusedError("拒绝执行：语句是空的。请写一条查询，例如 MATCH (n) RETURN count(n)。")
        index = 0
        while index < len(self._tokens):
            token = self._tokens[index]
            if token.kind is TokenKind.WORD:
                index = self._word(index, token)
            elif token.kind is TokenKind.PUNCTUATION:
                self._punctuation(index, token.text)
                index += 1
            else:
                if self._expect is _Expect.CLAUSE:
                    self._refuse(token)
                self._expect = _Expect.AFTER
                index += 1
        if self._open:
            raise CypherRefusedError("拒绝执行：括号没有配对。请检查语句。")

    def _refuse(self, token: Token) -> NoReturn:
        raise CypherRefusedError(
            f"拒绝执行：不接受“{token.text}”。这里只能运行只读查询，可用的子句有 MATCH、OPTIONAL MATCH、"
            "WHERE、WITH、UNWIND、RETURN、ORDER BY、SKIP、LIMIT、UNION 和 CALL 子查询。"
        )

    def _text(self, index: int) -> str:
        return self._tokens[index].text if 0 <= index < len(self._tokens) else ""

    def _keyword(self, index: int) -> str:
        return self._tokens[index].keyword if 0 <= index < len(self._tokens) else ""

    def _word(self, index: int, token: Token) -> int:
        """Take a word; returns: index of the next token to look at."""
        word = token.keyword
        if self._expect is _Expect.NAME:
            self._expect = _Expect.AFTER
        elif self._is_map_key(index):
            self._expect = _Expect.AFTER
        elif self._expect is _Expect.OPERAND:
            if word in _NEVER:
                self._refuse(token)
            if word not in _PREFIX:
                self._expect = _Expect.AFTER
        elif self._expect is _Expect.CLAUSE and word in ("ALL", "DISTINCT"):
            if self._keyword(index - 1) != "UNION":
                self._refuse(token)
        elif word == "CALL":
            return self._call(index)
        elif self._expect is _Expect.CLAUSE:
            if word not in _CLAUSES:
                self._refuse(token)
            self._expect = _Expect.CLAUSE if word == "OPTIONAL" else _Expect.OPERAND
        else:
            self._after(token, word)
        return index + 1

    def _after(self, token: Token, word: str) -> None:
        """A word after a complete expression."""
        if word in ("UNION", "OPTIONAL"):
            self._expect = _Expect.CLAUSE
        elif word == "AS":
            self._expect = _Expect.NAME
        elif word in _INFIX:
            self._expect = _Expect.OPERAND
        elif word not in _SUFFIX:
            self._refuse(token)

    def _is_map_key(self, index: int) -> bool:
        return (
            self._expect is _Expect.OPERAND
            and bool(self._open)
            and self._open[-1] == "{"
            and self._text(index - 1) in ("{", ",")
            and self._text(index + 1) == ":"
        )

    def _call(self, index: int) -> int:
        """CALL of a subquery or of a procedure on the list; returns: index of the next token."""
        following = self._text(index + 1)
        if following == "{":
            self._expect = _Expect.OPERAND
            return index + 1
        if following == "(":
            self._imports_end = self._closing(index + 1)
            self._expect = _Expect.OPERAND
            return index + 1
        end = index + 1
        parts: list[str] = []
        while self._keyword(end):
            parts.append(self._text(end))
            end += 1
            if self._text(end) != ".":
                break
            end += 1
        name = ".".join(parts)
        if name.lower() not in READ_PROCEDURES:
            raise CypherRefusedError(
                f"拒绝执行：不接受存储过程“{name or following}”。可用的有 db.labels、db.relationshipTypes、"
                "db.propertyKeys、db.index.fulltext.queryNodes 等只读过程。"
            )
        self._expect = _Expect.AFTER
        if self._text(end) == "(":
            self._open.append("(")
            self._expect = _Expect.OPERAND
            end += 1
        return end

    def _closing(self, index: int) -> int:
        """Index of the bracket that closes the one at ``index``; -1 if there is none."""
        depth = 0
        for at in range(index, len(self._tokens)):
            depth += {"(": 1, ")": -1}.get(self._text(at), 0)
            if depth == 0:
                return at
        return -1

    def _punctuation(self, index: int, mark: str) -> None:
        if mark == ";":
            raise CypherRefusedError("拒绝执行：一次只能运行一条语句。请去掉分号后面的内容。")
        if mark in "([{":
            self._opening(index, mark)
        elif self._expect is _Expect.CLAUSE:
            self._refuse(self._tokens[index])
        elif mark in _PAIRS:
            if not self._open or self._open.pop() != _PAIRS[mark]:
                raise CypherRefusedError("拒绝执行：括号没有配对。请检查语句。")
            self._expect = _Expect.AFTER
        elif mark == "." and self._tokens[index - 1].kind is TokenKind.NUMBER:
            self._refuse(self._tokens[index])
        elif mark in (".", "$"):
            self._expect = _Expect.NAME
        elif mark == "*" and self._is_star(index):
            self._expect = _Expect.AFTER
        else:
            self._expect = _Expect.OPERAND

    def _is_star(self, index: int) -> bool:
        """Whether ``*`` stands for "everything" (``RETURN *``, ``count(*)``) and is not a product."""
        before = index - 1
        return self._text(before) in ("(", ".") or self._keyword(before) in ("RETURN", "WITH", "DISTINCT")

    def _opening(self, index: int, mark: str) -> None:
        before = index - 1
        opens_subquery = mark == "{" and (
            self._keyword(before) in _SUBQUERY_WORDS | {"CALL"} or before == self._imports_end
        )
        if self._expect is _Expect.CLAUSE and not (mark == "(" and self._text(before) == "{"):
            self._refuse(self._tokens[index])  # EXISTS { (a)-->(b) } is the only pattern without MATCH
        if mark == "(":
            self._check_function(before)
        self._open.append(mark)
        self._expect = _Expect.CLAUSE if opens_subquery else _Expect.OPERAND

    def _check_function(self, index: int) -> None:
        """Refuse a call of a function with a dotted name that is not built in."""
        parts: list[str] = []
        while self._text(index - 1) == "." and self._tokens[index].kind in (TokenKind.WORD, TokenKind.QUOTED):
            parts.insert(0, self._text(index))
            index -= 2
        if not parts:
            return
        parts.insert(0, self._text(index))
        if ".".join(parts[:-1]).lower() not in _FUNCTION_NAMESPACES:
            raise CypherRefusedError(f"拒绝执行：不接受函数“{'.'.join(parts)}”。只能使用内置函数。")
