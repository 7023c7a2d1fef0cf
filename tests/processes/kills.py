"""Where processes are killed: one case is quick, the other databases and numbers are slow."""

import pytest

AT_EVERY_STEP = pytest.mark.parametrize(
    ("database_url", "first", "every"),
    [
        ("sqlite", 1, 6),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [("sqlite", 2, 3), ("sqlite", 3, 3), ("sqlite", 4, 6)]
        ),
        pytest.param("postgres", 1, 1, marks=[pytest.mark.slow, pytest.mark.longest]),
    ],
    indirect=["database_url"],
)
"""At a first step and every so many after it; on SQLite, together at each."""
AT_RANDOM = pytest.mark.parametrize(
    ("database_url", "number"),
    [
        ("postgres", 2),
        *(
            pytest.param(database, number, marks=pytest.mark.slow)
            for database, number in [
                ("sqlite", 4),
                ("postgres", 4),
            ]
        ),
    ],
    indirect=["database_url"],
)
"""With so many processes at once."""
