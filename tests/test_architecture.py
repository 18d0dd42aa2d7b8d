"""The floors: who may import whom. A new edge means editing this table in the same commit."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from oddstail.providers import TITLES

ROOT = Path(__file__).parent.parent / "oddstail"

#: Each part and the parts that it may import, itself aside. From the top floor down.
FLOORS: dict[str, set[str]] = {
    "__main__": {"cli"},
    "cli": {
        "__init__", "alerts", "board", "capture", "clock", "config", "demo", "doctor", "explain", "file_safety", "filters", "keys", "limiter", "local_time", "lookup", "market",
        "model", "places",
        "providers", "replay", "retry", "run", "schema", "shelf", "sinks", "text", "transports", "units", "where", "words",
    },
    "run": {
        "alerts", "board", "capture", "clock", "filters", "limiter", "local_time", "lookup", "market", "model", "record", "reader", "retry", "session", "sinks",
        "terminal_codes", "text", "transports", "user_command", "words",
    },
    "doctor": {"clock", "model", "retry", "text", "transports", "wire", "words"},
    "demo": set(),
    "replay": {
        "capture", "clock", "ledger", "local_time", "market_fields", "model", "outage", "price", "reader", "record", "text",
        "units", "wire", "words",
    },
    "capture": {"__init__", "clock", "model", "reader", "record", "text", "units", "user_command", "wire"},
    "session": {"clock", "model", "reader", "retry", "transports", "verdicts"},
    "verdicts": {"clock", "model", "reader", "retry", "text", "words"},
    "sinks": {"board", "clock", "local_time", "market", "model", "record", "terminal_codes", "text", "wire", "words"},
    "board": {"local_time", "market", "model", "price", "text", "words"},
    "transports": {"__init__", "lookup", "model", "text", "wire"},
    "keys": {"config", "file_safety", "providers", "text"},  # the registry has the names of the vendors' own variables
    "providers": {"lookup", "model", "price", "text", "wire"},
    "explain": {"limiter", "local_time", "lookup", "model", "shelf", "words"},
    "shelf": {"limiter", "lookup", "model", "text", "words"},
    "limiter": {"lookup"},
    "lookup": {"model"},
    "alerts": {"filters", "market", "market_rules", "model", "where"},
    "market": {"margin", "market_value", "model", "news", "price", "text", "words"},
    "market_rules": {"market_fields", "market_value", "model", "record", "where"},
    "filters": {"model", "record", "text", "where"},
    "where": {"text", "truth"},
    "truth": set(),
    "reader": {"outage", "ledger", "model", "notice_limit", "text", "wire"},
    "notice_limit": {"model"},
    "outage": {"model"},
    "ledger": {"model"},
    "schema": {"record"},
    "words": {"local_time", "model", "price", "text"},
    "record": {"market_fields", "model", "price", "units"},
    "market_fields": {"market_value", "price", "units"},
    "config": {"file_safety", "places"},
    "clock": {"retry"},
    "retry": {"model"},
    "wire": {"model", "text", "units"},
    "model": {"games", "market_value", "life", "news", "price", "selection"},
    "games": {"news", "selection"},
    "selection": {"price"},
    "market_value": {"price"},
    "life": set(),
    "news": {"price"},
    "price": set(),
    "margin": set(),
    "places": set(),
    "file_safety": set(),
    "user_command": {"text"},
    "terminal_codes": {"text"},
    "text": set(),
    "units": set(),
    "local_time": set(),
    "__init__": set(),
}  # fmt: skip

#: Who alone may import a library.
LIBRARIES: dict[str, set[str]] = {
    "httpx": {
        "transports/http.py",
        "transports/http_client.py",
        "transports/rest.py",
        "transports/merging.py",
        "transports/webhook.py",
    },
    "httpcore": {"transports/merging.py"},
    "httpx_sse": {"transports/http.py"},
    "truststore": {"transports/trust.py"},
    "websockets": {"transports/websocket.py", "demo"},
    "h11": {"demo"},
    "typer": {"cli", "providers"},
    "zstandard": {"capture/packing.py", "capture/source.py"},
    "rich": {"board", "sinks/table.py", "cli/listing.py"},
    "orjson": {"wire", "providers", "demo", "shelf.py"},
}

#: What a provider, a decoder of bytes and the pure parts never touch: sockets, files, clocks, the environment, logs.
IMPURE = {"asyncio", "os", "socket", "time", "logging", "subprocess", "threading", "pathlib", "random", "sys", "signal"}
PURE = (
    "providers",
    "wire",
    "board",
    "market",
    "model",
    "lookup",
    "filters",
    "where",
    "truth",
    "life",
    "games",
    "selection",
    "news",
    "price",
    "margin",
    "market_value",
    "market_fields",
    "market_rules",
    "text",
    "terminal_codes",
    "retry",
    "reader",
    "notice_limit",
    "ledger",
    "record",
    "schema",
    "words",
    "units",
    "alerts",
)
#: A bug in a decoder is a notice and a traceback at -vv.
ALLOWED_IMPURE: dict[str, set[str]] = {"reader.py": {"logging"}}


PATHS = [str(path.relative_to(ROOT)) for path in sorted(ROOT.rglob("*.py"))]


@pytest.fixture(scope="module", autouse=True)
def _forget() -> Iterator[None]:
    """What was parsed is large, and would be looked through by every collection of garbage that follows."""
    yield
    sources.cache_clear()
    imports.cache_clear()


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the package by its path."""
    return {path: ast.parse((ROOT / path).read_text("utf-8")) for path in PATHS}


@cache
def imports(path: str) -> set[str]:
    """Every module that is imported anywhere in it, inside functions and TYPE_CHECKING too."""
    found: set[str] = set()
    for node in ast.walk(sources()[path]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide an edge"
            module = node.module or ""
            names = {f"{module}.{alias.name}" for alias in node.names}
            found |= names if module == "oddstail" else {module} | names
    return found


def part(path: str) -> str:
    """Which floor a file is on."""
    return path.removesuffix(".py").split("/")[0]


def edges(path: str) -> set[str]:
    """The parts of oddstail that a file imports, its own aside."""
    found = set()
    for name in imports(path):
        head, *rest = name.split(".")
        if head == "oddstail" and rest:
            top = rest[0] if (ROOT / rest[0]).is_dir() or (ROOT / f"{rest[0]}.py").exists() else "__init__"
            if top != part(path):
                found.add(top)
    return found


def module(path: str) -> str:
    """The name under which a file is imported."""
    return f"oddstail.{path.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")


def at_import(path: str) -> set[str]:
    """The modules of oddstail that run before this one is there: what it imports, and the packages around that."""
    known = {module(other) for other in PATHS}
    found: set[str] = set()
    for node in sources()[path].body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names} & known
            for name in names or {node.module}:
                parts = name.split(".")
                found |= {".".join(parts[:size]) for size in range(1, len(parts) + 1)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    # The packages around it are on their way already.
    own = module(path)
    return {name for name in found & known if not f"{own}.".startswith(f"{name}.")}


def test_the_table_has_every_part() -> None:
    assert {part(path) for path in sources()} == set(FLOORS)


def test_imports_go_down_only() -> None:
    assert {path: up for path in PATHS if (up := edges(path) - FLOORS[part(path)])} == {}


def test_there_is_no_way_back_up() -> None:
    order = list(FLOORS)
    ups = [
        (above, name) for above, allowed in FLOORS.items() for name in allowed if order.index(name) < order.index(above)
    ]
    assert ups == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Each could be imported first. What a function imports when it is called, or a checker alone, makes no circle."""
    needs = {module(path): at_import(path) for path in PATHS}
    left = dict(needs)
    while free := {name for name, wanted in left.items() if not wanted & left.keys()}:
        left = {name: wanted for name, wanted in left.items() if name not in free}
    assert sorted(left) == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_where_it_belongs_alone(library: str) -> None:
    users = {path for path in PATHS if any(name.split(".")[0] == library for name in imports(path))}
    strangers = {path for path in users if not {path, part(path)} & LIBRARIES[library]}
    assert strangers == set()
    assert users, f"nobody uses {library}"


@pytest.mark.parametrize("path", [path for path in PATHS if part(path) in PURE])
def test_what_is_pure_reads_no_clock_no_file_and_no_environment(path: str) -> None:
    tops = {name.split(".")[0] for name in imports(path)}
    assert tops & IMPURE <= ALLOWED_IMPURE.get(path, set())
    called = {
        node.func.id
        for node in ast.walk(sources()[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"open", "print", "input", "eval", "exec"}
    clocks = {node.attr for node in ast.walk(sources()[path]) if isinstance(node, ast.Attribute)} & {
        "now",
        "today",
        "utcnow",
    }
    assert not clocks


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in PATHS
        if part(path)
        in ("session", "reader", "transports", "sinks", "board", "market", "run", "ledger", "retry", "record", "words")
    ],
)
def test_no_shared_part_names_a_provider(path: str) -> None:
    names = {name.casefold() for pair in TITLES.items() for name in pair}
    tree = sources()[path]
    docs = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body
            and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    said = {
        node.value.casefold()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    } | {node.id.casefold() for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not {word for word in said if any(name in word for name in names)}


def test_the_demo_and_the_providers_share_nothing() -> None:
    assert not any("demo" in name for path in sources() if part(path) == "providers" for name in imports(path))
    assert not any("providers" in name for path in sources() if part(path) == "demo" for name in imports(path))


def test_only_known_libraries_are_used() -> None:
    used = {name.split(".")[0] for path in PATHS for name in imports(path)}
    assert used - {"oddstail"} - set(sys.stdlib_module_names) == set(LIBRARIES)


def test_every_module_says_what_it_knows() -> None:
    assert [path for path, tree in sources().items() if not ast.get_docstring(tree)] == []


def test_every_public_thing_has_a_docstring() -> None:
    bare = [
        f"{path}: {node.name}"
        for path, tree in sources().items()
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert bare == []


def test_no_file_grows_past_what_one_can_hold_in_the_head() -> None:
    lines = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in PATHS}
    assert {path: count for path, count in lines.items() if count > 500} == {}
