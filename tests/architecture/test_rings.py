"""The house rules, read from the source: wings import one way, rings inward, writing and reading have their places."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WINGS = ["aar_site", "retros", "actions"]  # a wing imports itself and those before it

# Ring of each module; a prefix stands for what is below it. 0 core, 1 data, 2 seams, 3 verbs, 4 edge.
RINGS = {
    "aar_site.clock": 0,
    "aar_site.words": 0,
    "aar_site.rate": 2,
    "aar_site.fonts": 0,
    "aar_site.tables": 0,
    "aar_site.search": 1,
    "aar_site.handler": 4,
    "aar_site.people.zones": 1,
    "aar_site.models": 1,
    "aar_site.people.models": 1,
    "aar_site.health.models": 1,
    "aar_site.outbox.models": 1,
    "aar_site.outbox": 3,
    "aar_site.outbox.tasks": 4,
    "aar_site.outbox.views": 4,
    "aar_site.people.services": 3,
    "aar_site.people.setup": 3,
    "aar_site.people.demo": 3,
    "aar_site.people": 4,
    "aar_site.health.services": 3,
    "aar_site.health.readiness": 3,
    "aar_site.health": 4,
    "aar_site": 4,
    "retros.limits": 0,
    "retros.addresses": 0,
    "retros.cause_checks": 0,
    "retros.bound": 4,
    "retros.ics": 0,
    "retros.text_diff": 0,
    "retros.conditions": 0,
    "retros.sentences": 0,
    "retros.timing": 0,
    "retros.when": 0,
    "retros.document.chart": 0,
    "retros.document.cause_map": 0,
    "retros.querysets": 1,
    "retros.models": 1,
    "retros.document.tree": 0,
    "retros.document.stored": 0,
    "retros.document.markdown": 0,
    "retros.document.filename": 0,
    "retros.document.printing": 3,
    "retros.document.phases": 0,
    "retros.document.picture": 0,
    "retros.document.prose": 0,
    "retros.document": 3,
    "retros.exchange.reading": 0,
    "retros.exchange.moments": 0,
    "retros.exchange.fields": 0,
    "retros.exchange.own": 0,
    "retros.exchange.chain": 0,
    "retros.exchange.schema": 0,
    "retros.exchange.warnings": 0,
    "retros.exchange": 3,
    "retros.imports": 0,
    "retros.live.frames": 0,
    "retros.live.line": 0,
    "retros.live.bell": 2,
    "retros.live.log": 2,
    "retros.live.hub": 2,
    "retros.live.presence": 2,
    "retros.live.desk": 2,
    "retros.live.topics": 4,
    "retros.live.stream": 4,
    "retros.access": 2,
    "retros.sections": 2,
    "retros.services": 3,
    "retros.services.once": 2,  # knows no rule: doors read once for a page as services do
    "retros.http": 4,
    "retros.forms": 4,
    "retros.views": 4,
    "retros.urls": 4,
    "retros.url_": 4,
    "retros.tasks": 4,
    "retros.templatetags": 4,
    "retros.management": 4,
    "retros.apps": 4,
    "retros.doctor": 4,
    "actions.lint": 0,
    "actions.oneline": 0,
    "actions.querysets": 1,
    "actions.models": 1,
    "actions.access": 2,
    "actions.services": 3,
    "actions.reminders": 3,
    "actions.exchange": 3,
    "actions.demo": 3,
    "actions.asks": 3,
    "actions.carried": 3,
    "actions.charts": 3,
    "actions.dashboard": 3,
    "actions.history": 3,
    "actions.home": 3,
    "actions.learning": 3,
    "actions.lists": 3,
    "actions.pressing": 3,
    "actions.reading": 3,
    "actions.sections": 4,
    "actions.forms": 4,
    "actions.views": 4,
    "actions.urls": 4,
    "actions.tasks": 4,
    "actions.management": 4,
    "actions.apps": 4,
    "actions.doctor": 4,
}
# Where an import stands inside a function: models must be loaded first, or the library is heavy and seldom needed.
INLINE_IMPORTS = {"retros/apps.py", "actions/apps.py", "retros/document/printing.py"}
WRITERS = re.compile(
    r"(^|/)(services|reminders|live/(log|presence)|exchange|outbox|demo|people/(services|models|setup)|management)(/|\.py$)"
)
WRITES = {
    "save",
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "delete",
    "get_or_create",
    "update_or_create",
    "add",
    "set",
}


def sources() -> list[Path]:
    return sorted(
        path
        for wing in WINGS
        for path in (ROOT / wing).rglob("*.py")
        if "migrations" not in path.parts and path.name != "__init__.py"
    )


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every module that the file imports, `from a import b` as both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node


def ring_of(module: str) -> int | None:
    """None for what lies outside the wings, and for a package that is only a folder."""
    folder = ROOT.joinpath(*module.split("."), "__init__.py")
    if folder.exists() and not folder.read_text(encoding="utf-8"):
        return None
    best = max(
        (
            p
            for p in RINGS
            if module == p or (module.startswith((p + ".", p)) and p.endswith("_")) or module.startswith(p + ".")
        ),
        key=len,
        default=None,
    )
    return RINGS[best] if best else None


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_wing_imports_itself_and_those_before_it(path):
    wing = path.relative_to(ROOT).parts[0]
    later = WINGS[WINGS.index(wing) + 1 :]
    wrong = [module for module, _ in imports(path) if module.split(".")[0] in later]
    assert wrong == []


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_module_imports_its_own_ring_or_inward(path):
    own = ring_of(name_of(path))
    assert own is not None, f"{name_of(path)} has no ring: add it to RINGS"
    wrong = [m for m, _ in imports(path) if (ring := ring_of(m)) is not None and ring > own]
    assert path.relative_to(ROOT).as_posix() in INLINE_IMPORTS or wrong == []


@pytest.mark.parametrize("path", [p for p in sources() if ring_of(name_of(p)) == 0], ids=name_of)
def test_the_core_is_pure_python(path):
    assert [m for m, _ in imports(path) if m.split(".")[0] in {"django", "celery", "allauth"}] == []


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_imports_stand_at_the_top(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inline = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert path.relative_to(ROOT).as_posix() in INLINE_IMPORTS or inline == []


@pytest.mark.parametrize(
    "path", [p for p in sources() if not WRITERS.search(p.relative_to(ROOT).as_posix())], ids=name_of
)
def test_only_services_write(path):
    """A call such as X.objects.create(...) or row.save() outside the writing modules."""
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
            continue
        target = ast.unparse(node.func.value)
        # A row is saved without positional arguments; font.save(file) writes a file.
        is_row_save = node.func.attr == "save" and not node.args
        is_orm = is_row_save or node.func.attr == "bulk_create" or "objects" in target or ".filter(" in target
        if is_orm and target != "super()":
            wrong.append(f"{node.lineno}: {target}.{node.func.attr}")
    assert wrong == []


MOST_LINES = 400
EDGE = re.compile(r"/(views|api|templatetags)([./]|_)")


@pytest.mark.parametrize("path", [p for p in sources() if EDGE.search(p.as_posix())], ids=name_of)
def test_views_get_objects_from_access_only(path):
    text = path.read_text(encoding="utf-8")
    wrong = [i for i, line in enumerate(text.splitlines(), 1) if ".objects" in line]
    assert wrong == []


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_files_stay_small_and_say_what_they_own(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "a module says in one sentence what it owns"
    assert path.stem not in {"utils", "helpers", "mixins", "common", "manager", "data", "info"}


def test_tests_and_scripts_stay_small_too():
    rest = [path for name in ("tests", "bench", "script") for path in sorted((ROOT / name).rglob("*.py"))]
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in rest}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_functions_stay_short(path):
    most = 25 if "/views" in path.as_posix() else 40
    long = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > most:
                long.append(f"{node.name}: {lines} lines")
    assert long == []


def test_the_clock_is_asked_in_one_place_only():
    wrong = [
        f"{path.relative_to(ROOT)}:{i}"
        for path in sources()
        if path.name != "clock.py"
        for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"timezone\.now\(|datetime\.now\(|date\.today\(|time\.time\(", line)
    ]
    assert wrong == []
