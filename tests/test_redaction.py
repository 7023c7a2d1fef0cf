"""Text from outside: what is taken out of it, and that the work stays bounded."""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from providers.redaction import redact, sanitize
from providers.refusal import read_refusal

ROOT = Path(__file__).parent.parent
RESERVED = ":/?#[]@!$&'()*+,;=%\\^|\"<>`{}"


@pytest.mark.parametrize(
    "text",
    [
        "key sk-admin-Zq8vK3mN0pR7tY5w.",
        "key sk-or-v1-Zq8...tY5w",
        "key Zq8****tY5w",
        "key Zq8v...tY5w",
        "key Zq8v…tY5w...Zq8v",
        "Authorization: Bearer Zq8vtY5w",
        "Authorization: bearer=Zq8vtY5w",
        "xoxb-Zq8v-tY5w",
        "hooks.slack.com/commands/Zq8v/tY5w",
        "wss://wss.slack.com/?ticket=Zq8v-tY5w",
        "of Zq8v+tY5w@example.co.uk, and so on",
        "a@b.example'Zq8@tY5w.example",
        "sk-abc'Zq8@tY5w.example",
        "sk-abc,Zq8***tY5w",
        "ft:gpt-4o:Zq8@tY5w.example, input",
        "secret-Zq8v-tY5w",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    """Whole keys, masked ones, tokens and e-mail addresses leave no trace."""
    hidden = redact(text, "secret-Zq8v-tY5w")
    assert "Zq8" not in hidden
    assert "tY5w" not in hidden


@pytest.mark.parametrize("reserved", RESERVED)
def test_no_part_of_a_password_in_a_url_is_shown(reserved: str) -> None:
    """With each character that a URL reserves, escaped or not, in the user name or the password."""
    for user_info in (f"u:Zq8{reserved}tY5w", f"Zq8{reserved}tY5w:x", f"Zq8{reserved}tY5w"):
        hidden = redact(f"can't open postgresql://{user_info}@db.example/x?a=b at all")
        assert "Zq8" not in hidden
        assert "tY5w" not in hidden
        assert "@db.example/x?a=b at all" in hidden


def test_plain_words_stay() -> None:
    """Redaction leaves names of models and projects, dates, amounts and sentences alone."""
    words = (
        "gpt-4o-mini-2024-07-18, input … web search: task-force 'risk-analysis' (50%) 2026-11-23 "
        "risk-free desk-top ask-me task-id 12.50 gpt-5@2026 a@b https://api.example/v1?a=b"
    )
    assert sanitize(words) == words


def test_invisible_characters_are_removed() -> None:
    """Zero-width, right-to-left and control characters go; a secret behind them is still found."""
    assert sanitize("a\u200bb\u202ec\ufeff\u2066d\x07 e\tf\r\ng\u3164") == "abcd e f g"
    assert sanitize("bob@co\u200brp.exam\u00adple") == "[hidden]"
    assert sanitize("x\0y\ud800") == "x\N{REPLACEMENT CHARACTER}y\N{REPLACEMENT CHARACTER}"


def test_a_secret_that_clipping_splits_is_not_shown() -> None:
    """Wherever it lies in a long text."""
    for before in range(3_950, 4_001, 3):
        text = f"{'x ' * (before // 2)}sk-or-v1-Zq8vtY5w {'y ' * 4_000}bob@corp.example"
        assert "Zq8" not in redact(text)
        assert "Zq8" not in redact(text[::-1].replace("w5Ytv8qZ-1v-ro-ks", "sk-or-v1-Zq8vtY5w"))


HOSTILE = (
    *("a-", "a.", "a@", "a_", "A ", " ", "\t", "1", "1.", "1,", "0", "sk-", "://", "://a:b", "*"),
    *("***a", "...", "abcd...", "…", "bearer ", "ticket=", "<", "<@U1|", "<a|", "&", "&a", "`"),
    *("```", "_a", "*a ", "~a", "#", "#a", "'", '"', "'a ", "fatal:", "-", "/", "+", "é", "\n"),
)
SMALL, LARGE = 2_000, 8_000


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every regular expression of the product: compiled in a module, or written in a call."""
    for path in sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("providers/**/*.py")]):
        source = path.read_text()
        if "migrations" in path.parts or "import re\n" not in source:
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, value in vars(importlib.import_module(module)).items():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, re.Pattern):
                    yield f"{module}.{name}", each
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re")),
                    args=[ast.Constant(value=str(pattern)), *_],
                ):
                    yield f"{module}:{node.lineno}", re.compile(pattern)


def cpu(work: Callable[[], object], tries: int = 3) -> float:
    """Seconds of this process's processor time that the work takes, the best of some tries."""
    taken = []
    for _ in range(tries):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def grows_linearly(work: Callable[[int], object]) -> bool:
    """Whether four times the input costs about four times the work, not sixteen times."""
    if cpu(lambda: work(LARGE), tries=1) < 0.01:
        return True
    return cpu(lambda: work(LARGE)) < 9 * cpu(lambda: work(SMALL)) + 0.002


def test_every_regular_expression_is_linear() -> None:
    """No text of names, errors, log lines or typed words makes a pattern's work explode."""
    slow = [
        f"{where}: {pattern.pattern!r} on {hostile!r}"
        for where, pattern in patterns()
        for hostile in HOSTILE
        if not grows_linearly(lambda size: pattern.sub("", (hostile * size)[:size]))  # noqa: B023
    ]
    assert slow == []


@pytest.mark.parametrize("hostile", ["a-", "a.", "QUJD", "x@", "://", "abcd..."])
def test_redaction_of_any_length_is_bounded(hostile: str) -> None:
    """A text of a million characters costs no more than one of sixty thousand."""
    small, large = hostile * 60_000, hostile * 1_000_000
    assert cpu(lambda: redact(large)) < 4 * cpu(lambda: redact(small)) + 0.02


def test_a_large_error_body_costs_its_reading() -> None:
    """A message of 240 kB costs about as much as one of 60 kB, and 240 characters are kept."""

    def read(size: int) -> None:
        body = b'{"error": {"message": "' + b"a-" * (size // 2) + b'"}}'
        assert len(read_refusal("Provider", "/x", 500, body, "key", None).message) == 240

    assert cpu(lambda: read(240_000)) < 8 * cpu(lambda: read(60_000)) + 0.02
