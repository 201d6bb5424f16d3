"""Values as JSON, flags and addresses may hold them: anything at all, and what is nearly a setting."""

from hypothesis import strategies as st

from nst.settings import specs
from nst.validation import MAX_ENTRIES

NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 10**4000, 2**63, 1e308, 5e-324, -0.0])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
    max_leaves=20,
)
NAMES = st.sampled_from([*specs(), "recipe", "style"]) | st.text(max_size=40)
WORDS = st.sampled_from(
    sorted({word for spec in specs().values() for word in (*spec.choices, *spec.words, f"40{spec.unit}")})
)
#: What is nearly a setting, or anything.
VALUES = st.one_of(
    JSON,
    WORDS,
    st.lists(st.floats(0, 2) | WORDS | NUMBERS, max_size=MAX_ENTRIES + 1),
    st.lists(st.sampled_from(["conv1_1", "conv4_2", "relu1_1", ""]) | st.text(max_size=33), max_size=6),
)
#: The same as text.
TEXTS = st.one_of(
    st.text(max_size=200),
    NUMBERS.map(str),
    WORDS,
    st.lists(st.floats().map(str) | WORDS, max_size=MAX_ENTRIES + 1).map(",".join),
)
