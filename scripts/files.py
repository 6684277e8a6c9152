"""Which files are ours: what git would commit."""

import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent


def ours(*suffixes: str) -> list[Path]:
    """Tracked or about to be, never ignored; all of them without a suffix. Paths are absolute."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    files = [ROOT / name for name in sorted(set(listed.stdout.split("\0"))) if name]
    return [file for file in files if file.is_file() and (not suffixes or file.suffix in suffixes)]


def report(findings: list[str]) -> int:
    """Print what was found, as an exit code."""
    for finding in findings:
        print(finding)
    return 1 if findings else 0
