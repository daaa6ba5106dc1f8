"""Texts folded, and cut to a length that holds when they are folded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kg.tokens import fold, shortened

EXPANDING = st.text(alphabet=st.sampled_from("甲ﷺﬃ½a㎡\u0300"), max_size=80)


@given(EXPANDING | st.text(max_size=80), st.integers(18, 60))
def test_a_shortened_text_is_short_when_folded_too(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert text.startswith(short)
    assert len(short) <= limit and len(fold(short)) <= limit
    if len(text) <= limit and len(fold(text)) <= limit:
        assert short == text


def test_a_plain_text_is_cut_at_the_limit() -> None:
    assert shortened("啊" * 30, 20) == "啊" * 20
    assert fold(shortened("ﷺ" * 1000, 1000)) == fold("ﷺ") * 55
