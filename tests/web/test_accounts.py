"""Logins out of the environment."""

import pytest

from nst.errors import SettingsError
from nst.web.accounts import accounts


def test_one_and_several() -> None:
    assert accounts({"IMPASTO_AUTH": "ann:secret"}) == [("ann", "secret")]
    assert accounts({"IMPASTO_AUTH": " ann:se:cret, bob:x "}) == [("ann", "se:cret"), ("bob", "x")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "IMPASTO_AUTH, which is not set"),
        ("  ", "which is not set"),
        ("hunter2", "Entry 1 of IMPASTO_AUTH lacks a name or a password"),
        (":hunter2", "Entry 1"),
        ("ann:", "Entry 1"),
        ("ann:hunter2,", "Entry 2"),
        ("ann:hunter2,ann:hunter3", "names one user twice"),
    ],
)
def test_a_mistake_is_told_without_the_password(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as refused:
        accounts({"IMPASTO_AUTH": text})
    assert "hunter" not in str(refused.value)
    assert "user:password" in str(refused.value)
