"""Words that must not be committed: registry hosts, a machine's paths, unfinished work, empty names."""

import re
import sys
from pathlib import Path
from typing import Final

from scripts.files import ROOT, ours, report

HOSTS: Final = [
    r"\.".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
    )
]
EVERYWHERE: Final = {
    **{rf"\b{host}\b": "names a package registry's host" for host in HOSTS},
    r'"resol' r'ved":': "a lock names where a package came from",
    r"(?<![\w.])/(?:home|Users)/\w": "names a path of somebody's machine",
}
IN_CODE: Final = {
    r"#.*\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b": "unfinished work: finish it, or file an issue",
    r"unittest\.mock|\bMagic"
    r"Mock\b|\bmocker\b": "assert outcomes on the real thing, not calls on a mock",
    r"class \w*Manager\b|class Base(?:Service|Repository)\b": "name it after what it does",
    r"#\s*type: ignore\s*$": "say which error is ignored",
}
NAMES: Final = re.compile(r"(?:^|/)(?:utils?|helpers?|misc|common)\.py$")
OTHERS_TEXT: Final = {"LICENSE", "requirements.lock", "uv.txt"}


def findings_in(name: str, text: str) -> list[str]:
    """Each as `file:line: why`."""
    found = [f"{name}:1: {Path(name).name} says nothing about its content"] * bool(
        NAMES.search(name)
    )
    rules = EVERYWHERE | (IN_CODE if name.endswith(".py") else {})
    for number, line in enumerate(text.splitlines(), 1):
        found += [f"{name}:{number}: {why}" for rule, why in rules.items() if re.search(rule, line)]
    return found


def main() -> int:
    findings: list[str] = []
    for file in ours():
        if file.name in OTHERS_TEXT:
            continue
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        findings += findings_in(str(file.relative_to(ROOT)), text)
    return report(findings)


if __name__ == "__main__":
    sys.exit(main())
