"""SQL is the subject: `make test` runs each test on both databases."""

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind in turn, with this version's tables and nothing in them."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
