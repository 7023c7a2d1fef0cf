"""`DATABASE_URL` as it is written, and what is said of it: never a part of the user information."""

import psycopg
import pytest

from bot.db.address import parse
from bot.db.engine import connect_arguments, for_jobs
from bot.db.errors import DatabaseUnavailable
from bot.db.schema import current_revision, head_revision, upgrade

NOBODY = "127.0.0.1:1/x"


@pytest.mark.parametrize("reserved", ":/?#[]@!$&'()*+,;=% \\^|`{}")
def test_no_part_of_user_or_password_is_shown(reserved: str) -> None:
    """With each character that a URL reserves, unescaped, in the user name or the password."""
    for user_info in (f"u:DB{reserved}pwCANARY", f"CANARY{reserved}u:CANARY", f"u{reserved}CANARY"):
        with pytest.raises(DatabaseUnavailable) as raised:
            upgrade(f"postgresql://{user_info}@{NOBODY}")
        shown = f"{raised.value} {raised.value.remedy}"
        assert "CANARY" not in shown
        assert "127.0.0.1:1" in shown or "DATABASE_URL" in shown


@pytest.mark.parametrize("user_info", ["u:DB@pw", "u@x:pw", "u/x:pw", "u@x"])
def test_an_unescaped_character_is_refused_with_a_hint(user_info: str) -> None:
    """Where it isn't sure which @ comes before the host."""
    with pytest.raises(DatabaseUnavailable) as raised:
        upgrade(f"postgresql://{user_info}@{NOBODY}")
    assert "%40" in raised.value.remedy


def test_an_escaped_character_is_a_part_of_the_password() -> None:
    """The host is what follows the only @."""
    with pytest.raises(DatabaseUnavailable, match=r"x at 127\.0\.0\.1:1"):
        upgrade(f"postgresql://u:DB%40pw@{NOBODY}")


def test_a_postgresql_database_without_an_encoding(postgres_server: str) -> None:
    """As `initdb` makes one where the locale is C: text is text, with every letter."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
        )
    url = postgres_server.replace("/postgres?", "/ascii?")
    upgrade(url)
    assert current_revision(url) == head_revision()
    with psycopg.connect(url, **connect_arguments(parse(url), for_jobs(30))) as connection:
        row = connection.execute("SELECT %s || 'é', %s::json ->> 'a'", ["ключ", '{"a": "ü"}'])
        assert row.fetchone() == ("ключé", "ü")
