"""The mutants of a Python file: every way of weakening one guard, and nothing else.

A guard is an `if` that raises, or that returns a verdict (nothing, None, true or false); a `raise`; a call of a function that is
there to refuse; a condition that a function returns as its verdict; a number that is a limit.  Of a condition each
comparison is turned, each part left out, each number one more.
"""

import ast
import gc
import importlib.abc
import importlib.machinery
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

Change = Callable[[ast.AST], ast.AST | None]

OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
CHECKING = re.compile(r"_?(check|verify|refuse|require|guard|follow|begin|join)(_|$)")
# these make evidence or tell of it, and refuse nothing on which a verdict rests
WRITERS = {
    "consistency_proof",
    "format_checkpoint",
    "format_note",
    "format_vkey",
    "from_hashes",
    "inclusion_proof",
    "multiproof",
    "sign_note",
    "stream_multiproof",
    "to_json",
    "to_text",
    "_heading",
    "_pieces",
    "_root",
}
# these choose between a fast way and a slow one to the same result, and when to look for the fast one
SHORT_CUTS = {
    "_encoder",
    "_has_plain_keys",
    "_is_plain",
    "_learn",
    "_lessons",
    "_mapper",
    "_miss",
    "_repr_is_ecmascript",
}
# numbers that set a pace, or how much people are shown, and no limit of SPEC section 15
PACES = {
    "_AT_ONCE",
    "CHUNK_BYTES",
    "_DIGEST_COLUMNS",
    "_FIRST_LESSON",
    "_LAST_LESSON",
    "_LONG",
    "_MAX_LESSON_BYTES",
    "_MAX_PIECES",
    "_MAX_PIECES_IN_ALL",
    "_MAX_SEEN",
    "_MAX_SHAPES",
    "_MOST_BLOCKED",
    "_MOST_OF_A_VALUE",
    "_MOST_SHOWN",
    "_PATIENCE",
    "_SAFE_RECURSION_LIMIT",
    "_SEEN_OFTEN",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One weakened guard: where it is, and how it is told; `index` finds the change again.

    `focus` are the lines that run where the guard refuses: who runs them is most likely to notice.
    """

    file: str
    function: str
    line: int
    lines: tuple[int, ...]
    focus: tuple[int, ...]
    what: str
    index: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.function}: {self.what}"

    @property
    def name(self) -> str:
        """The mutant's name, which does not depend on where in the file it stands."""
        return f"{self.file} {self.function}: {self.what}"

    @property
    def on_import(self) -> bool:
        """Whether what is changed runs when the module is imported."""
        return not self.function

    def install(self, path: Path, source: str) -> None:
        """Weakens the verifier in this process, which must not have used it; `source` is that of the file at `path`."""
        tree = ast.parse(source)
        weak = list(_weakened(tree))[self.index]
        changed = ast.fix_missing_locations(_Applied(weak.target, weak.change).visit(tree))
        code = compile(changed, str(path), "exec")
        if self.on_import or not _exchange(code):
            package = path.parent.name
            _import_again(package, _Finder(f"{package}.{path.stem}", path, code))


def _import_again(package: str, finder: "_Finder") -> None:
    """Forgets the package and who imported it, so that the next import finds the mutant."""
    for name in [name for name in sys.modules if name.split(".")[0] in (package, f"{package}_client")]:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)


def _exchange(module: CodeType) -> bool:
    """Gives every function that the module's code defines the code that it has there; says whether there were any."""
    new = {(code.co_qualname, code.co_firstlineno): code for code in _functions(module)}
    found = False
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and function.__code__.co_filename == module.co_filename:
            key = (function.__code__.co_qualname, function.__code__.co_firstlineno)
            if key in new:
                function.__code__ = new[key]
                found = True
    return found


def _functions(code: CodeType) -> Iterator[CodeType]:
    """Yields the code of the functions of a module and of the methods of its classes."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _functions(inner)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self._name, self._path, self._code = name, path, code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(self._path))

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


@dataclass(frozen=True, slots=True)
class _Weakening:
    target: ast.expr | ast.stmt
    what: str
    change: Change
    function: str = ""
    focus: Sequence[ast.stmt] = ()


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Yields the mutants of a file."""
    for index, weak in enumerate(_weakened(ast.parse(source))):
        lines = _lines([weak.target])
        yield Mutant(file, weak.function, lines[0], lines, _lines(weak.focus), weak.what, index)


def _lines(nodes: Sequence[ast.expr | ast.stmt]) -> tuple[int, ...]:
    return tuple(line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _weakened(tree: ast.Module) -> Iterator[_Weakening]:
    """Yields every weakening, each once; those of the same words in one function are numbered."""
    seen: set[tuple[int, str]] = set()
    named: Counter[tuple[str, str]] = Counter()
    for weak in _found(tree):
        if (id(weak.target), weak.what) not in seen:
            seen.add((id(weak.target), weak.what))
            named[weak.function, weak.what] += 1
            again = named[weak.function, weak.what]
            yield weak if again == 1 else replace(weak, what=f"{weak.what} #{again}")


def _found(tree: ast.Module) -> Iterator[_Weakening]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            yield from (_Weakening(*change) for change in _limits(statement))
    for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))):
        owner = scope.name if isinstance(scope, ast.ClassDef) else ""
        for function in scope.body:
            if isinstance(function, ast.FunctionDef) and function.name not in WRITERS | SHORT_CUTS:
                name = f"{owner}.{function.name}".lstrip(".")
                yield from (replace(weak, function=name) for weak in _in_function(function))


def _in_function(function: ast.FunctionDef) -> Iterator[_Weakening]:
    for inner in ast.walk(function):
        if isinstance(inner, ast.FunctionDef):
            yield from _in_body(inner)


def _in_body(function: ast.FunctionDef) -> Iterator[_Weakening]:
    verdict = isinstance(function.returns, ast.Name) and function.returns.id == "bool"
    for node in _own(function):
        match node:
            case ast.If() if _refuses(node.body, function):
                yield from (_Weakening(*change, focus=node.body) for change in _condition(node.test))
                never = f"never: if {_short(node.test)}"
                yield _Weakening(node.test, never, _constant(False), focus=node.body)
            case ast.Raise():
                yield _Weakening(node, f"no raise: {_short(node)}", lambda _: ast.Pass())
            case ast.Expr(value=ast.Call(func=called)) if _checks(called):
                yield _Weakening(node, f"no call: {_short(node)}", lambda _: ast.Pass())
            case ast.Return(value=ast.expr() as value) if verdict and not isinstance(value, ast.Constant):
                yield from (_Weakening(*change) for change in _condition(value))
                yield _Weakening(value, f"always true: {_short(value)}", _constant(True))


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yields the nodes of a function without those of functions in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


def _refuses(body: list[ast.stmt], function: ast.FunctionDef) -> bool:
    """Says whether what an `if` does is to raise, or to return a verdict; a function that returns text or None tells a fault."""
    match body[-1]:
        case ast.Return(value=None | ast.Constant(value=None | True | False)):
            return True
        case ast.Return(value=ast.Name()):
            return function.returns is not None and ast.unparse(function.returns) == "str | None"
    return any(isinstance(node, ast.Raise) for node in body)


def _checks(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return CHECKING.match(name) is not None


def _condition(test: ast.expr) -> Iterator[tuple[ast.expr, str, Change]]:
    """Yields changes to a condition: the whole turned round, each comparison, each part left out, each number."""
    if not isinstance(test, ast.Compare | ast.BoolOp | ast.Constant):
        yield test, f"not: {_short(test)}", lambda node: ast.UnaryOp(op=ast.Not(), operand=node)  # type: ignore[arg-type]
    for node in ast.walk(test):
        match node:
            case ast.Compare():
                yield from _comparison(node)
            case ast.BoolOp():
                for position, part in enumerate(node.values):
                    yield node, f"without `{_short(part)}` in: {_short(node)}", _without(position)
            case ast.Constant(value=int() as value) if not isinstance(value, bool):
                yield node, f"{value} becomes {value + 1} in: {_short(test)}", _constant(value + 1)


def _comparison(node: ast.Compare) -> Iterator[tuple[ast.expr, str, Change]]:
    for position, operator in enumerate(node.ops):
        other = OPPOSITE[type(operator)]

        def change(found: ast.AST, position: int = position, other: type[ast.cmpop] = other) -> ast.AST:
            assert isinstance(found, ast.Compare)
            found.ops[position] = other()
            return found

        yield node, f"{type(operator).__name__} becomes {other.__name__} in: {_short(node)}", change


def _limits(statement: ast.Assign | ast.AnnAssign) -> Iterator[tuple[ast.expr, str, Change]]:
    """Yields changes to the numbers of a constant."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    if isinstance(target, ast.Name) and target.id in PACES:
        return
    if (
        not isinstance(target, ast.Name)
        or not target.id.strip("_").isupper()
        or not isinstance(statement.value, ast.expr)
    ):
        return
    if isinstance(statement.value, ast.Constant | ast.BinOp | ast.UnaryOp):
        if isinstance(statement.value, ast.Constant) and not isinstance(statement.value.value, int):
            return

        def more(node: ast.AST) -> ast.AST:
            return ast.BinOp(left=node, op=ast.Add(), right=ast.Constant(1))  # type: ignore[arg-type]

        def less(node: ast.AST) -> ast.AST:
            return ast.BinOp(left=node, op=ast.Sub(), right=ast.Constant(1))  # type: ignore[arg-type]

        yield statement.value, f"one more: {target.id}", more
        yield statement.value, f"one less: {target.id}", less


def _constant(value: bool | int) -> Change:
    return lambda _: ast.Constant(value)


def _without(position: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.BoolOp)
        rest = [part for number, part in enumerate(node.values) if number != position]
        return rest[0] if len(rest) == 1 else ast.BoolOp(op=node.op, values=rest)

    return change


class _Applied(ast.NodeTransformer):
    def __init__(self, target: ast.AST, change: Change) -> None:
        self._target, self._change = target, change

    def visit(self, node: ast.AST) -> ast.AST | None:
        return self._change(node) if node is self._target else self.generic_visit(node)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}..."
