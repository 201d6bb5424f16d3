"""Who may log in: names and passwords out of the environment, never out of the command line."""

from collections.abc import Mapping

from nst.errors import SettingsError

VARIABLE = "IMPASTO_AUTH"

_FORM = f"{VARIABLE} must be user:password, several separated by commas"


def accounts(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """The accounts that the environment names.

    Args:
        environment: such as ``os.environ``; a password may hold a colon, but no comma.

    Returns:
        (name, password) pairs, at least one.

    Raises:
        SettingsError: there are none, or one is not complete. No password is ever quoted.
    """
    text = environment.get(VARIABLE, "")
    if not text.strip():
        raise SettingsError(f"--auth needs the environment variable {VARIABLE}, which is not set. {_FORM}.")
    pairs = []
    for place, entry in enumerate(text.split(","), 1):
        name, _, password = entry.strip().partition(":")
        if not name or not password:
            raise SettingsError(f"Entry {place} of {VARIABLE} lacks a name or a password. {_FORM}.")
        pairs.append((name, password))
    if len(dict(pairs)) < len(pairs):
        raise SettingsError(f"{VARIABLE} names one user twice. {_FORM}.")
    return pairs
