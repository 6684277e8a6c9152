"""A service's image holds its own group only: what the code imports must be in it."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.files import ROOT

OURS = {"benchmarks", "deploy", "scripts", "services", "shared", "tests"}
NOT_IN_IMAGES = {"shared/web/assets.py"}
ONLY_ON_SQLITE = {"aiosqlite"}


@pytest.mark.parametrize(
    ("group", "folders"),
    [
        ("applications", ("services/applications", "shared")),
        ("meetings", ("services/meetings", "shared")),
        ("notifications", ("services/notifications", "shared")),
        ("inbox", ("deploy/inbox",)),
    ],
)
def test_what_a_service_imports_is_in_its_group(group: str, folders: tuple[str, ...]) -> None:
    at_home = packages_distributions()
    installed = closure(asked_for(group))
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if str(file.relative_to(ROOT)) in NOT_IN_IMAGES:
                continue
            for name in third_party(file):
                homes = {canonicalize_name(home) for home in at_home.get(name, [])}
                assert homes & installed, f"{file.relative_to(ROOT)} needs {name}"


def test_a_missing_package_would_be_noticed() -> None:
    assert "icalendar" not in closure(asked_for("applications"))
    assert "starlette" in closure(asked_for("applications")), "what packages need themselves counts"


def asked_for(group: str) -> Iterator[Requirement]:
    groups: dict[str, list[Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())[
        "dependency-groups"
    ]
    for entry in groups[group]:
        if isinstance(entry, str):
            yield Requirement(entry)
        else:
            yield from asked_for(entry["include-group"])


def closure(wanted: Iterator[Requirement]) -> set[str]:
    """Everything an installation of these brings, by canonical name."""
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        found.add(name)
        waiting += [
            needed for needed in _needs(requirement) if canonicalize_name(needed.name) not in found
        ]
    return found


def _needs(requirement: Requirement) -> Iterator[Requirement]:
    try:
        needed = [Requirement(line) for line in requires(requirement.name) or []]
    except PackageNotFoundError:
        return
    for one in needed:
        marker = one.marker
        if marker is None or any(
            marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)
        ):
            yield one


def third_party(file: Path) -> set[str]:
    """Top-level names it imports at run time, without ours and Python's."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - OURS - set(sys.stdlib_module_names) - ONLY_ON_SQLITE
