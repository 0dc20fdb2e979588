"""What a rule on our own code is: a name, a reason, and how offences are found in a parsed module."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

type Find = Callable[[ast.Module], Iterator[ast.AST]]


@dataclass(frozen=True)
class Rule:
    """``bad`` are planted offenders, ``good`` is what stays allowed; ``home`` is where it may be done.

    Every offence has one of the ``words``: what has none is not parsed.
    """

    name: str
    why: str
    words: tuple[str, ...]
    find: Find
    bad: tuple[str, ...]
    good: tuple[str, ...] = ()
    within: tuple[str, ...] = ("libs", "services")
    home: tuple[str, ...] = ()

    def offences(self, source: str) -> list[int]:
        """The lines that break the rule."""
        if not any(word in source for word in self.words):
            return []
        return sorted({getattr(node, "lineno", 0) for node in self.find(ast.parse(source))})

    def files(self) -> Iterator[Path]:
        """All modules that must keep it."""
        for start in self.within:
            for path in sorted((ROOT / start).rglob("*.py")):
                name = path.relative_to(ROOT).as_posix()
                if "/src/" in f"/{name}" and not any(part in name for part in self.home):
                    yield path


def calls(*names: str) -> Find:
    """Calls of a function or method with one of these names."""

    def find(module: ast.Module) -> Iterator[ast.AST]:
        return (node for node in ast.walk(module) if isinstance(node, ast.Call) and called(node) in names)

    return find


def names(*words: str) -> Find:
    """These words as a name, an attribute or an import, under whatever alias."""

    def find(module: ast.Module) -> Iterator[ast.AST]:
        for node in ast.walk(module):
            match node:
                case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word) if word in words:
                    yield node

    return find


def keywords(*words: str) -> Find:
    """Calls that pass one of these keyword arguments."""

    def find(module: ast.Module) -> Iterator[ast.AST]:
        for node in ast.walk(module):
            if isinstance(node, ast.keyword) and node.arg in words:
                yield node.value

    return find


def called(node: ast.Call) -> str:
    """The last part of what is called."""
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""
