"""BM25 over the passages, once by words and once by character bigrams, in one directory."""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kg.errors import StateError
from kg.model import Passage, Scored
from kg.tokens import NO_TOKEN, TOKENIZERS, tokenize_all

if TYPE_CHECKING:
    import bm25s

_K1 = 1.5
_IDS = "ids.json"
_FREQUENCIES = "frequencies.json"
_DAMAGED = "词汇索引缺失或已损坏。请重新建库：plankg build"


class LexicalIndex:
    """A BM25 ranking per tokenizer of `kg.tokens.TOKENIZERS`.

    Raises: StateError: on reading, if the directory is missing or damaged.
    """

    def __init__(self, directory: Path) -> None:
        """``directory`` holds the index; nothing is read before the first search."""
        self._directory = directory

    def write(self, passages: Sequence[Passage]) -> None:
        """Make the index hold exactly these passages."""
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)
        self._directory.mkdir(parents=True, exist_ok=True)
        texts = [passage.indexed_text for passage in passages]
        tokens = {name: tokenize_all(texts, tokenizer) for name, tokenizer in TOKENIZERS.items()}
        for name, lists in tokens.items():
            retriever = bm25s.BM25(k1=_K1)
            retriever.index(lists or [[NO_TOKEN]], show_progress=False)
            retriever.save(self._directory / name)
        both = zip(*tokens.values(), strict=True)
        frequencies = Counter(token for lists in both for token in set().union(*lists))
        self._save(_FREQUENCIES, {token: count for token, count in frequencies.items() if token != NO_TOKEN})
        self._save(_IDS, [passage.id for passage in passages])

    def search(self, text: str, k: int) -> dict[str, list[Scored]]:
        """Per tokenizer: at most k passages with a score above zero, best first.

        The score is BM25 in Lucene's form, divided by k1 + 1 times the summed idf of the query's
        tokens: above 0, below 1 / (k1 + 1) = 0.4, comparable between queries.
        """
        return {name: self._search(name, text, k) for name in TOKENIZERS}

    def _search(self, name: str, text: str, k: int) -> list[Scored]:
        tokens = TOKENIZERS[name](text)
        size = min(k, len(self._ids))
        if not tokens or not size:
            return []
        found, scores = self._retrievers[name].retrieve([tokens], k=size, show_progress=False)
        scale = sum(self._weight(token) for token in tokens)
        return [
            Scored(self._ids[int(i)], float(score) / scale)
            for i, score in zip(found[0], scores[0], strict=True)
            if score > 0
        ]

    def _weight(self, token: str) -> float:
        """The token's idf times k1 + 1, which Lucene's form leaves out."""
        count = self.frequencies.get(token, 0)
        idf = math.log(1 + (len(self._ids) - count + 0.5) / (count + 0.5))
        return idf * (_K1 + 1)

    @cached_property
    def frequencies(self) -> dict[str, int]:
        """In how many passages each word and bigram occurs."""
        return cast(dict[str, int], self._load(_FREQUENCIES))

    @cached_property
    def _ids(self) -> list[str]:
        return cast(list[str], self._load(_IDS))

    def _save(self, name: str, data: object) -> None:
        (self._directory / name).write_text(json.dumps(data, ensure_ascii=False), "utf-8")

    def _load(self, name: str) -> object:
        try:
            return json.loads((self._directory / name).read_text("utf-8"))
        except (OSError, ValueError) as exc:
            raise StateError(_DAMAGED) from exc

    @cached_property
    def _retrievers(self) -> dict[str, bm25s.BM25]:
        import bm25s

        try:
            return {name: bm25s.BM25.load(self._directory / name) for name in TOKENIZERS}
        except Exception as exc:  # the library raises whatever the damaged file leads to
            raise StateError(_DAMAGED) from exc
