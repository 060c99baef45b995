"""How parameters are written in a command of a batch."""

from __future__ import annotations

from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from bot.bitrix.outbound import calls


@given(st.dictionaries(st.text(), st.text(), max_size=4))
def test_values_are_quoted_as_the_standard_library_quotes_them(params: dict[str, str]) -> None:
    """Our faster quoting gives the same characters as quote_plus, for any text."""
    expected = "&".join(f"{quote_plus(name, safe='[]')}={quote_plus(value)}" for name, value in params.items())
    assert calls.query(params) == expected
