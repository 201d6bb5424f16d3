"""What a mistake may end in: one sentence for a person, without anything of the program's inside."""

import re

from nst.errors import NSTError

_INTERNALS = re.compile(r"\b\w*(Error|Exception|Warning)\b|Traceback|<class|object at 0x|site-packages|/tmp/|\.py\b")


def assert_sentence(error: NSTError | str) -> None:
    """One printable line that ends, and names no path, class or module."""
    sentence = str(error)
    assert sentence.isprintable(), repr(sentence)
    assert sentence.endswith((".", "?")), repr(sentence)
    assert len(sentence) < 1_000, repr(sentence)
    assert not _INTERNALS.search(sentence), repr(sentence)
