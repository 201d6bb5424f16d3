"""How long the fuzzers run: a few repeatable seconds, or thousands of new examples.

``--hypothesis-profile=long`` asks for the latter. The long profile must be
named together with this folder, as it is defined here.
"""

from datetime import timedelta

from hypothesis import HealthCheck, settings

#: No input may take longer, on a busy machine either.
DEADLINE = timedelta(seconds=20)

COMMON = {
    "deadline": DEADLINE,
    "database": None,  # What is found becomes an @example.
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
}
settings.register_profile("short", max_examples=30, derandomize=True, **COMMON)
settings.register_profile("long", max_examples=5_000, print_blob=True, **COMMON)
settings.load_profile("short")
