"""Imports every module of one service: the image build fails when one reaches for another service's code."""

import sys
from importlib import import_module
from pathlib import Path


def modules(folder: Path) -> list[str]:
    """Dotted names below the working directory; programs and migrations are run, not imported."""
    files = [file for file in folder.rglob("*.py") if file.name != "__main__.py"]
    dotted = [file.with_suffix("") for file in files if "migrations" not in file.parts]
    return [".".join(name.parts).removesuffix(".__init__") for name in sorted(dotted)]


if __name__ == "__main__":
    sys.path.insert(0, ".")
    for program in ("web", "worker"):
        import_module(f"services.{sys.argv[1]}.{program}")
    for name in modules(Path("services") / sys.argv[1]):
        import_module(name)
