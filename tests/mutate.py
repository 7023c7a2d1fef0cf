"""Show what share of small faults the tests find: `nice -n 19 .venv/bin/python -m tests.mutate`.

In a copy of the project one operator, constant or condition at a time is changed at random in what
evaluates budgets, replaces days and claims deliveries; the tests of that part must then fail. What
survives is printed with its line: a missing test, or code that makes no difference. Takes about ten
seconds for each fault. `--part notifications` tries one part, `--root` another checkout, such as an
earlier commit's.
"""

import argparse
import ast
import copy
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path

TARGETS = {
    "bot/budgets/evaluate.py": (
        "tests/budgets/test_judge.py",
        "tests/budgets/test_life.py",
        "tests/budgets/test_watch.py",
    ),
    "bot/ledger/reconcile.py": ("tests/ledger/test_days.py", "tests/ledger/test_items.py"),
    "bot/notifications/repository.py": (
        "tests/notifications/test_outbox.py",
        "tests/notifications",
    ),
}
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
LONGEST = 1800.0
"""Seconds on a busy machine, after which tests are said to never end."""
MOST_PROCESSOR = 180
"""Seconds of processor time, likewise: a fault may loop for ever."""


def mutants(source: str) -> Iterator[tuple[int, str]]:
    """Yield each fault: its line, and the whole module with it."""
    tree = ast.parse(source)
    decorators = {
        id(part)
        for node in ast.walk(tree)
        for decorator in getattr(node, "decorator_list", ())
        for part in ast.walk(decorator)
    }
    for number, node in enumerate(ast.walk(tree)):
        if _is_changeable(node) and id(node) not in decorators:  # frozen=False changes no result
            changed = copy.deepcopy(tree)
            line = _change([*ast.walk(changed)][number])
            yield line, ast.unparse(changed)


def _is_changeable(node: ast.AST) -> bool:
    match node:
        case ast.Compare(ops=[op]) | ast.BoolOp(op=op) | ast.BinOp(op=op):
            return type(op) in SWAPPED
        case ast.Constant(value=bool() | int()) | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.If() | ast.IfExp():
            return True
        case _:
            return False


def _change(node: ast.AST) -> int:
    match node:
        case ast.Compare():
            node.ops = [SWAPPED[type(node.ops[0])]()]  # type: ignore[list-item]
        case ast.BoolOp() | ast.BinOp():
            node.op = SWAPPED[type(node.op)]()  # type: ignore[assignment]
        case ast.Constant(value=bool() as value):
            node.value = not value
        case ast.Constant(value=int() as value):
            node.value = value + 1
        case ast.UnaryOp():
            node.op = ast.UAdd()
            node.operand = ast.Call(ast.Name("bool"), [node.operand], [])
        case ast.If() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
    return getattr(node, "lineno", 0)


def is_killed(folder: Path, tests: tuple[str, ...]) -> bool:
    """Return whether these tests fail there, or never end."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
    ]
    try:
        done = subprocess.run(
            [*command, "-k", "not postgres", *tests],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            check=False,
            timeout=LONGEST,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (MOST_PROCESSOR,) * 2),
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Try so many faults of each part, and print what share was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=25, help="faults for each part")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--part", default="", help="part of a module's name")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aicost-mutate-") as temporary:
        folder = Path(temporary) / "aicost"
        ignored = shutil.ignore_patterns(".*", "__pycache__", "node_modules")
        shutil.copytree(given.root, folder, ignore=ignored)
        for module, tests in TARGETS.items():
            if given.part not in module:
                continue
            path = folder / module
            source = path.read_text()
            if is_killed(folder, tests):
                sys.exit(f"{module}: its tests fail without a fault")
            every = list(mutants(source))
            tried = random.Random(given.seed).sample(every, min(given.count, len(every)))
            killed = 0
            for line, changed in tried:
                path.write_text(changed)
                Path(cache_from_source(str(path))).unlink(missing_ok=True)
                if is_killed(folder, tests):
                    killed += 1
                else:
                    _print(f"survived: {module}:{line}: {source.splitlines()[line - 1].strip()}")
            path.write_text(source)
            _print(f"{module}: {killed} of {len(tried)} killed, of {len(every)} faults")


if __name__ == "__main__":
    main()
