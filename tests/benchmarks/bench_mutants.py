"""Break the code that lets in and that seals, one small way at a time: how many of the breakages its tests notice.

``python tests/benchmarks/bench_mutants.py --each 10``. What to break and how comes from cosmic-ray, which is no part of what
`make` installs: ``python -m pip install cosmic-ray`` first, into an environment that also holds the hub and its tests. The tree
is copied, and only the copy is broken. The same seed breaks the same places in the same order. POSIX only: each run is a fork.
"""

import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from importlib import import_module
from importlib.util import cache_from_source
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, Final, NoReturn

import click
import pytest
from hypothesis import Phase, settings
from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).resolve().parents[2]
OWN: Final = ("hub", "federation", "tests", "migrations")
SIGN_IN: Final = (
    "access/test_provider_calls",
    "pages/test_organisation_sign_in_attacks",
    "pages/test_organisation_sign_in",
)
# Each file and the tests of its room, the quickest first.
FILES: Final = {
    "hub/access/policy.py": ("hub/access/test_policy", "architecture/test_every_route_is_guarded"),
    "hub/access/identity.py": ("hub/access/test_policy", "hub/access/test_sessions", "hub/access/test_dpop"),
    "hub/access/sessions.py": ("hub/access/test_sessions",),
    "hub/access/assertions.py": ("hub/access/test_assertions",),
    "hub/access/oauth.py": ("hub/access/test_enrolment", "hub/access/test_introspection", "hub/access/test_oauth"),
    "hub/access/dpop.py": ("hub/access/test_dpop_edges", "hub/access/test_dpop"),
    "hub/access/headers.py": ("hub/access/test_headers",),
    "hub/access/limits.py": ("hub/access/test_limits",),
    **dict.fromkeys(
        (
            f"hub/access/{name}.py"
            for name in ("id_tokens", "provider_calls", "provider_documents", "provider_exchange")
        ),
        tuple(f"hub/{name}" for name in SIGN_IN),
    ),
    "federation/dpop.py": ("federation/test_dpop",),
    "federation/introductions.py": ("federation/test_introductions",),
    "federation/envelopes.py": ("federation/test_introductions", "federation/test_gathering_introductions"),
    "federation/gathering_yes.py": ("federation/test_gathering_yes",),
    "federation/gathering_introductions.py": ("federation/test_gathering_introductions",),
    "federation/keys.py": ("federation/test_keys", "federation/test_introductions", "federation/test_key_chains"),
    "federation/key_chains.py": ("federation/test_key_chains", "federation/test_keys", "federation/test_replacements"),
    "federation/replacements.py": ("federation/test_replacements", "federation/test_key_chains"),
    "federation/pins.py": ("federation/test_pins", "federation/test_keys"),
    "federation/connector/keyring.py": ("federation/test_introductions", "federation/connector/test_exchange"),
    "federation/connector/accepted.py": ("federation/connector/test_accepted",),
    "hub/services/sealing.py": ("hub/services/test_sealing",),
}
TURNED: Final = {
    "Eq": ("NotEq",), "NotEq": ("Eq",), "Is": ("IsNot",), "IsNot": ("Is",),
    "Lt": ("LtE", "GtE"), "LtE": ("Lt", "Gt"), "Gt": ("GtE", "LtE"), "GtE": ("Gt", "Lt"),
}  # fmt: skip
# Of cosmic-ray's operators those that a person could have written by mistake; sums of types are no arithmetic.
OPERATORS: Final = (
    *(f"ReplaceComparisonOperator_{one}_{other}" for one, others in TURNED.items() for other in others),
    *("AddNot", "ReplaceUnaryOperator_Delete_Not", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ZeroIterationForLoop"),
    *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ExceptionReplacer", "NumberReplacer", "RemoveDecorator"),
    *("ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add"),
)
NOTICED, DID_NOT_LOAD, LASTED, SURVIVED = "noticed", "did not load", "lasted too long", "survived"


@dataclass(frozen=True)
class Mutant:
    """One file, broken in one place."""

    file: str
    operator: str
    place: int
    code: str

    def shown(self) -> str:
        """Return the lines that differ."""
        before = (ROOT / self.file).read_text(encoding="utf-8").splitlines()
        changed = unified_diff(before, self.code.splitlines(), self.file, self.operator, lineterm="", n=1)
        return "\n".join(changed)


@click.command()
@click.option("--each", default=1, show_default=True, help="Mutants of each file.")
@click.option("--seed", default=1, show_default=True)
@click.option("--only", multiple=True, default=("",), help="Files whose path holds one of these.")
@click.option("--again", multiple=True, help="These and no sample: 'file operator place', as each was printed.")
@click.option("--minutes", default=60, show_default=True, help="Stop starting new ones after so long.")
def main(*, each: int, seed: int, only: tuple[str, ...], again: tuple[str, ...], minutes: int) -> None:
    """Break, test, count; print every survivor."""
    console = Console(width=128, soft_wrap=True)
    try:
        import_module("cosmic_ray")
    except ImportError:
        console.print("Not measured: cosmic-ray is not installed here. python -m pip install cosmic-ray")
        return
    queue = [_named(*one.split()) for one in again] or _queue(each, seed, only)
    # The same draws for each mutant, and none spent on showing a failure nicely.
    settings.register_profile("mutants", derandomize=True, phases=(Phase.explicit, Phase.generate))
    settings.load_profile("mutants")
    found: dict[str, Counter[str]] = {}
    until, seconds = time.monotonic() + 60 * minutes, time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy(copy)
        _load_libraries(copy)
        for file in {FILES[one.file]: one.file for one in queue}.values():
            # What is whole is compiled once and for all; of what is to be broken nothing compiled is kept.
            if _run(copy, file, None) != SURVIVED:
                raise click.ClickException(f"The tests of {file} fail before anything is broken.")
        for one in queue:
            if time.monotonic() > until:
                break
            outcome = _run(copy, one.file, one.code)
            found.setdefault(one.file, Counter())[outcome] += 1
            console.print(outcome, one.file, one.operator, one.place, highlight=False)
            if outcome in {SURVIVED, LASTED}:
                console.print(f"\n{outcome}\n{one.shown()}", markup=False, highlight=False)
    times = os.times()
    _tell(console, found, time.process_time() - seconds + times.children_user + times.children_system)


def _named(file: str, operator: str, place: str) -> Mutant:
    return Mutant(file, operator, int(place), str(_broken((ROOT / file).read_text("utf-8"), operator, int(place))))


def _queue(each: int, seed: int, only: tuple[str, ...]) -> list[Mutant]:
    sampled = [_sample(file, each, seed) for file in FILES if any(one in file for one in only)]
    return [one for one in chain.from_iterable(zip_longest(*sampled)) if one is not None]


def _sample(file: str, each: int, seed: int) -> list[Mutant]:
    """Return some of the ways to break a file, drawn without order or preference."""
    source = (ROOT / file).read_text(encoding="utf-8")
    places = list(_places(source))
    random.Random(f"{seed} {file}").shuffle(places)
    broken = ((name, place, _broken(source, name, place)) for name, place in places)
    return list(islice((Mutant(file, name, place, code) for name, place, code in broken if code), each))


def _operator(name: str) -> Any:
    return import_module("cosmic_ray.plugins").get_operator(f"core/{name}")()


def _places(source: str) -> Iterator[tuple[str, int]]:
    trees = import_module("cosmic_ray.ast")
    nodes = list(trees.ast_nodes(trees.get_ast(source)))
    for name in OPERATORS:
        operator = _operator(name)
        for place in range(sum(len(list(operator.mutation_positions(node))) for node in nodes)):
            yield name, place


def _broken(source: str, name: str, place: int) -> str | None:
    try:
        code: str | None = import_module("cosmic_ray.mutating").mutate_code(source, _operator(name), place)
        ast.parse(code or "")
    except (SyntaxError, AttributeError):
        # The library finds more places than it can change: an exception named with its module, for one.
        return None
    return code


def _copy(folder: Path) -> None:
    """Copy what git knows or would take; a broken copy hurts nobody."""
    names = subprocess.run(
        ("git", "ls-files", "-z", "-co", "--exclude-standard"), cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)


def _load_libraries(copy: Path) -> None:
    """Import once what is not ours: each fork has it, and begins with our own code."""
    ask = "import sys, pytest, tests.hub.doors, hub.app; print(*sys.modules)"
    told = subprocess.run((sys.executable, "-c", ask), cwd=copy, check=True, capture_output=True, text=True).stdout
    for name in told.split():
        if name.partition(".")[0] not in {*OWN, "graph", "__main__"} and not name.startswith(
            "_pytest.assertion.rewrite"
        ):
            try:
                import_module(name)
            except ImportError:
                continue


def _run(copy: Path, file: str, code: str | None) -> str:
    """Run the tests of a file's room over the copy, broken if there is a ``code``, in a fork of this process."""
    target = copy / file
    whole = target.read_bytes()
    if code is not None:
        # A compiled file is known by size and second: a mutant's would be taken for the next one's.
        Path(cache_from_source(target)).unlink(missing_ok=True)
        target.write_text(code, encoding="utf-8")
    try:
        return _outcome(_fork(copy, [f"tests/{name}.py" for name in FILES[file]], keep=code is None))
    finally:
        target.write_bytes(whole)


def _outcome(status: int) -> str:
    if os.WIFSIGNALED(status):
        return LASTED
    return {0: SURVIVED, 1: NOTICED}.get(os.WEXITSTATUS(status), DID_NOT_LOAD)


def _fork(copy: Path, tests: list[str], *, keep: bool) -> int:
    """Run tests in a fork; ``keep`` what it compiles for the forks after it."""
    child = os.fork()
    if child == 0:
        try:
            _test(copy, tests, keep=keep)
        finally:
            os._exit(int(pytest.ExitCode.INTERNAL_ERROR))
    return os.waitpid(child, 0)[1]


def _test(copy: Path, tests: list[str], *, keep: bool) -> NoReturn:
    signal.alarm(120)
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    os.chdir(copy)
    sys.dont_write_bytecode = not keep
    sys.path.insert(0, str(copy))
    # PostgreSQL would be started for each of them; what is broken here is above any database.
    options = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "not postgresql")
    quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
    os._exit(int(pytest.main([*options, *quiet, *tests])))


def _tell(console: Console, found: dict[str, Counter[str]], seconds: float) -> None:
    columns = (NOTICED, LASTED, SURVIVED, DID_NOT_LOAD)
    table = Table("file", *columns)
    for file, counted in found.items():
        table.add_row(file, *(str(counted[one]) for one in columns))
    console.print(table)
    whole: Counter[str] = sum(found.values(), Counter())
    caught, survived = whole[NOTICED] + whole[LASTED], whole[SURVIVED]
    score = f"{100 * caught / (caught + survived):.1f} %" if caught + survived else "nothing"
    console.print(
        f"{caught} of {caught + survived} noticed ({score}); {whole[DID_NOT_LOAD]} did not load and count as none;"
    )
    console.print(f"{seconds:.0f} s of CPU")


if __name__ == "__main__":
    main()
