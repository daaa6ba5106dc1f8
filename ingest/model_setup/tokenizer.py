"""Builds ``tokenizer.json`` from the engine's vocabulary.

The engine applies a map from single code points, which is SentencePiece's ``nmt_nfkc`` flattened.
The same map, composed characters included, is `Nmt` and then `NFKC` of the tokenizers library, but
for the full-width tilde, which ``nmt_nfkc`` keeps and NFKC turns into ``~``: it is carried past NFKC
as a noncharacter. Two habits of the original model's own tokenizer are kept that the engine leaves
out: white space at the end is dropped, and neighbouring unknown characters give one ``<unk>``.
"""

from __future__ import annotations

from pathlib import Path

from ingest.model_setup.weights import Vocabulary

#: ``～`` is frequent in Chinese ranges (45～55) and is a piece of its own
_FULL_WIDTH_TILDE = "\uff5e"
#: a code point that Unicode reserves for internal use: no text carries it, NFKC leaves it alone
_STAND_IN = "\ufdd0"


def write_tokenizer(vocabulary: Vocabulary, path: Path) -> None:
    """Write a ``tokenizer.json`` that gives ``<s> pieces </s>``."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors
    from tokenizers import normalizers as norm

    pieces = vocabulary.pieces
    tokenizer = Tokenizer(
        models.Unigram(
            list(zip(pieces, vocabulary.scores, strict=True)), unk_id=vocabulary.unknown, byte_fallback=False
        )
    )
    tokenizer.normalizer = norm.Sequence(
        [
            norm.Nmt(),
            norm.Replace(_FULL_WIDTH_TILDE, _STAND_IN),
            norm.NFKC(),
            norm.Replace(_STAND_IN, _FULL_WIDTH_TILDE),
            norm.Strip(left=False, right=True),
            norm.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    begin, end = pieces[vocabulary.bos], pieces[vocabulary.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, vocabulary.bos), (end, vocabulary.eos)],
    )
    special = [begin, pieces[vocabulary.pad], end, pieces[vocabulary.unknown]]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.add_special_tokens([AddedToken("<mask>", special=True, normalized=False, lstrip=True)])
    tokenizer.save(str(path), pretty=False)
