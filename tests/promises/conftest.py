"""One line per promise: its number, verdict, figure and target. What could not run says so, and never reads as kept.

A test carries `@pytest.mark.promise("P36", "0 sessions, 0 rows")` and says its figure with `measured(...)` before it asserts,
so that a broken promise prints its figure too. The suite runs the short size; `sh script/promises` the full one.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bench.server import free_port
from tests.promises.proxy import Proxy
from tests.promises.supervisor import Web, collect_static

UNBOUNDED = "tests.promises.unbounded:application"
VERDICTS = {"passed": "kept", "failed": "BROKEN", "error": "BROKEN", "skipped": "not run"}


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say a figure of this promise, in a few words with its unit."""
    return lambda figure: request.node.user_properties.append(("figure", figure))


@pytest.fixture
def is_full() -> bool:
    """Whether the sizes of the promise itself are asked for, not the short ones of every test run."""
    return os.environ.get("PROMISES") == "full"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "promise(number, target): proves a promise and prints its figure")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promise", action="append", default=[], help="only this promise, such as P36")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = {number.upper() for number in config.getoption("--promise", default=[])}
    for item in items:
        if mark := item.get_closest_marker("promise"):
            item.user_properties += [("promise", mark.args[0]), ("target", mark.args[1])]
    if wanted:
        kept = [item for item in items if dict(item.user_properties).get("promise") in wanted]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    found = sorted(set(_lines(terminalreporter)), key=lambda line: int(line[0][1:]))
    missing = {number.upper() for number in config.getoption("--promise", default=[])} - {line[0] for line in found}
    found += [(number, "not run", "no test proves it", "") for number in sorted(missing)]
    if found:
        terminalreporter.section("promises")
    for number, verdict, figure, target in found:
        terminalreporter.write_line(f"{number:<4} {verdict:<8} {figure}   [target: {target}]" if target else
                                    f"{number:<4} {verdict:<8} {figure}")  # fmt: skip


def _lines(reporter: Any) -> Iterator[tuple[str, str, str, str]]:
    for outcome, verdict in VERDICTS.items():
        for report in reporter.stats.get(outcome, []):
            known = dict(getattr(report, "user_properties", []))
            if "promise" not in known or (outcome == "passed" and report.when != "call"):
                continue
            figures = "; ".join(value for key, value in report.user_properties if key == "figure")
            reason = report.longrepr[2] if outcome == "skipped" and isinstance(report.longrepr, tuple) else ""
            yield known["promise"], verdict, figures or reason or "no figure", known["target"]


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Style sheets and scripts as a deployment has them; collected once."""
    return tmp_path_factory.mktemp("web") / "static"


@pytest.fixture
def web(static_files: Path, transactional_db: None) -> Iterator[Callable[..., Web]]:
    """Starts the web of the product over the test's database and waits until it answers: web(processes=2, REDIS_URL=...)."""
    with ExitStack() as stack:

        def start(*, processes: int = 0, app: str = "", **env: str) -> Web:
            if not static_files.exists():
                collect_static(static_files)
            found = Web(free_port(), static_files, processes=processes or usual_processes(), app=app, **env)
            stack.callback(found.close)
            found.ready()
            return found

        yield start


@pytest.fixture(scope="session")
def _running(static_files: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Web]]:
    """Starts at the first use, because connections may only be opened within a test."""
    started: list[Web] = []
    yield started
    with django_db_blocker.unblock():
        for found in started:
            found.close()


@pytest.fixture
def running(_running: list[Web], static_files: Path, transactional_db: None) -> Web:
    """One web for all tests that leave it alive. Nobody writes too often there: editors are many windows of few people."""
    if not _running:
        if not static_files.exists():
            collect_static(static_files)
        _running.append(Web(free_port(), static_files, processes=usual_processes(), app=UNBOUNDED))
        _running[0].ready()
    return _running[0]


def usual_processes() -> int:
    """Two beside PostgreSQL, as docker-compose.yml starts them; one beside SQLite, as `manage.py serve` does."""
    return 2 if connection.vendor == "postgresql" else 1


@pytest.fixture
def proxied() -> Iterator[Callable[[int], Proxy]]:
    """Makes a line that can break before a port."""
    with ExitStack() as stack:

        def make(port: int) -> Proxy:
            proxy = Proxy(port)
            stack.callback(proxy.close)
            return proxy

        yield make
