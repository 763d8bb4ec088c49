"""Imports run one way: plugins, then the core's root, then the verifier's root, then the standard library.

The contracts for `lint-imports` say the same of packages.  What they cannot say is said here: they take
`from occasio_verify import canonical` for the module of that name, where it is the function at the root.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import occasio_core
import occasio_verify
from tests.layout.source import ROOT, below, imported, plugins, tree

_FRONTS = {"occasio_core": occasio_core, "occasio_verify": occasio_verify}
_SIGSTORE = {"cryptography", "rfc3161_client", "sigstore", "sigstore_models"}  # of the extra
_VECTORS = ROOT / "conformance" / "vectors"
_BUNDLE = _VECTORS / "bundles" / "bundle-signed" / "bundle.occasio.json"
_KEY = _VECTORS / "keys" / "ada.pub"
_LOG = ROOT / "conformance" / "vectors" / "logs" / "long.jsonl"


def modules(package: str) -> list[Path]:
    """Return the source files of a package, tests and all else left out."""
    folder = f"plugins/{package.removeprefix('occasio_')}/{package}"
    return below(package if package in _FRONTS else folder)


def deep_imports(package: str, of: str) -> list[str]:
    """Return where `package` takes from `of` what the root of `of` does not offer."""
    found = []
    for path in modules(package):
        for module, names in imported(path):
            if module.startswith(f"{of}."):
                found.append(f"{path} imports {module}")
            elif module == of:
                found += [f"{path} takes {name} from {of}" for name in names if name not in _FRONTS[of].__all__]
    return found


def test_the_verifier_imports_only_the_standard_library_and_itself() -> None:
    allowed = sys.stdlib_module_names | {"occasio_verify"}
    found = [f"{path}: {name}" for path in modules("occasio_verify") for name, _ in imported(path)]
    others = [entry for entry in found if entry.split(": ")[1].partition(".")[0] not in allowed]
    assert {entry.split(": ")[0] for entry in others} <= {"occasio_verify/keyless.py"}
    assert {entry.split(": ")[1].partition(".")[0] for entry in others} <= _SIGSTORE


def test_the_verifier_imports_the_extra_inside_of_functions_alone() -> None:
    body = tree(Path("occasio_verify/keyless.py")).body
    taken = {part for node in body for part in _names_imported(node)}
    assert taken & _SIGSTORE == set()


def _names_imported(node: ast.stmt) -> set[str]:
    """Return what a statement of a module imports when it is run."""
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    return {alias.name.partition(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()


@pytest.mark.parametrize(
    "arguments",
    [["--help"], [_BUNDLE, "--key", _KEY], [_BUNDLE, "--json"], ["--log", _LOG, "--jobs", "2"]],
    ids=["help", "bundle", "json", "log"],
)
def test_a_verifier_at_work_loads_only_the_standard_library_and_itself(arguments: list[Path | str]) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"  # without site-packages nothing else is there to be found
        "from occasio_verify.__main__ import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print('loaded:', *sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names - {'__main__'}))"
    )
    command = [sys.executable, "-I", "-S", "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "loaded: occasio_verify"


@pytest.mark.parametrize("package", sorted(path.name for path in plugins()))
def test_a_plugin_imports_the_root_of_the_core_and_nothing_deeper(package: str) -> None:
    assert deep_imports(f"occasio_{package}", "occasio_core") == []


@pytest.mark.parametrize("package", sorted(path.name for path in plugins()))
def test_a_plugin_imports_no_other_plugin_and_not_the_verifier(package: str) -> None:
    others = {f"occasio_{path.name}" for path in plugins()} - {f"occasio_{package}"} | {"occasio_verify"}
    taken = {name.partition(".")[0] for path in modules(f"occasio_{package}") for name, _ in imported(path)}
    assert taken & others == set()


def test_the_core_imports_the_root_of_the_verifier_and_nothing_deeper() -> None:
    assert deep_imports("occasio_core", "occasio_verify") == []


def test_only_the_verifier_itself_imports_what_lies_below_its_root() -> None:
    may = {"occasio_verify", "tests", "benchmarks", "conformance"}
    others = [path for path in below("") if not may & set(path.parts)]
    taken = [f"{path} imports {name}" for path in others for name, _ in imported(path)]
    assert [entry for entry in taken if " imports occasio_verify." in entry] == []


def test_the_core_imports_no_plugin() -> None:
    taken = {name.partition(".")[0] for path in modules("occasio_core") for name, _ in imported(path)}
    assert taken & {f"occasio_{path.name}" for path in plugins()} == set()


@pytest.mark.parametrize("package", ["occasio_core", "occasio_verify"])
def test_files_can_be_put_in_an_order_in_which_each_imports_only_those_above(package: str) -> None:
    names = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in modules(package)}
    graph = {
        name: {
            target
            for module, taken in imported(path)
            for target in (module, *(f"{module}.{part}" for part in taken))
            if target in names and target != package
        }
        - {name}
        for name, path in names.items()
        if name != package
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        pytest.fail(" imports ".join(reversed(cycle.args[1])))


@pytest.mark.parametrize("module", ["aiohttp", "asyncio", "yaml", "rich", "click", "cryptography"])
def test_the_root_of_the_core_is_cheap_to_import(module: str) -> None:
    program = f"import sys, occasio_core; print({module!r} in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "False"
