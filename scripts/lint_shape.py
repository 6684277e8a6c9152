"""The house's shape: short functions and files, no error swallowed, nobody prints."""

import ast
import sys
from collections.abc import Iterator
from typing import Final

from scripts.files import ROOT, ours, report

LONGEST_FUNCTION: Final = 32
LONGEST_FILE: Final = 330
"""Style says about 25 and about 300; past these a reader scrolls."""

UNMEASURED: Final = ("tests/", "benchmarks/", "/migrations/")


def findings_in(name: str, text: str) -> list[str]:
    """Each as `file:line: why`."""
    found = []
    measured = not any(part in f"/{name}" for part in UNMEASURED)
    length = text.count("\n")
    if measured and length > LONGEST_FILE:
        found.append(f"{name}:1: {length} lines: make it a folder")
    for node in ast.walk(ast.parse(text)):
        if measured and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [f"{name}:{node.lineno}: {why}" for why in _too_long(node)]
        if isinstance(node, ast.ExceptHandler):
            found += [f"{name}:{node.lineno}: {why}" for why in _swallowed(node)]
    return found


def _too_long(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
    if lines > LONGEST_FUNCTION:
        yield f"{node.name} has {lines} lines"


def _swallowed(handler: ast.ExceptHandler) -> Iterator[str]:
    broad = handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )
    raises = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    uses_it = handler.name is not None and any(
        isinstance(node, ast.Name) and node.id == handler.name for node in ast.walk(handler)
    )
    ends = any(
        isinstance(node, ast.Attribute) and node.attr in {"_exit", "print_exc"}
        for node in ast.walk(handler)
    )
    if broad and not (raises or uses_it or ends):
        yield "swallows every error"


def main() -> int:
    findings: list[str] = []
    for file in ours(".py"):
        findings += findings_in(str(file.relative_to(ROOT)), file.read_text("utf-8"))
    return report(findings)


if __name__ == "__main__":
    sys.exit(main())
