"""How much memory a process uses: PSS shares pages fairly between those that share them."""

from pathlib import Path


def memory_of(pid: int) -> dict[str, float]:
    """Megabytes, as the kernel counts them."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("Pss", "Rss"):
            found[f"{name.lower()}_mb"] = int(rest.split()[0]) / 1024
    return found
