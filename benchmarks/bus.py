"""The way of an event, measured against others on the same machine in the same run.

`python -m benchmarks.bus [--rounds 3] [--events 6000]`
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.memory import memory_of
from deploy.valkey import Valkey
from tests.support.databases import PostgresDatabases
from tests.support.migrations import migrate
from tests.support.postgres import Postgres

Figures = dict[str, list[dict[str, float]]]


class Bench:
    """One Redis and one PostgreSQL; every contestant gets them empty."""

    def __init__(self, redis: Valkey, postgres: Postgres, events: int) -> None:
        self.redis, self.events = redis, events
        self.databases = PostgresDatabases(postgres.url(), "bench", migrate)

    def measure(self, name: str, **more: Any) -> dict[str, float]:
        """Run one contestant in a process of its own and return what it printed."""
        with self.redis.client() as client:
            client.flushall()
        telling, answering = asyncio.run(self._two_databases())
        job = {
            "teller_url": telling,
            "answerer_url": answering,
            "redis_url": self.redis.url,
            "redis_tcp": f"redis+socket://{self.redis.socket}",
            "events": self.events,
            "commands": 500,
            **more,
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.contestants", name, json.dumps(job)],
            capture_output=True,
            text=True,
            check=False,
        )
        asyncio.run(self.databases.remove_all())
        if done.returncode:
            raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")
        said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return said

    async def _two_databases(self) -> tuple[str, str]:
        return await self.databases.empty(), await self.databases.empty()


def middle(figures: Figures, name: str, key: str = "per_second") -> float:
    return median(one[key] for one in figures[name])


def row(what: str, ours: str, other: str, ratio: float, goal: float) -> str:
    mark = "" if ratio >= goal else "   below the goal"
    return f"{what:<52} {ours:>12} {other:>16} {ratio:>7.2f} ×  (goal {goal} ×){mark}"


def report(figures: Figures) -> None:
    """Medians of all rounds, and the ratios that count."""
    ours, celery = middle(figures, "ours"), middle(figures, "celery")
    stream, raw = middle(figures, "stream_only"), middle(figures, "raw")
    print(f"{'':<52} {'ours':>12} {'other':>16}")
    print(row("outbox → effect, PostgreSQL, against Celery, /s", f"{ours:,.0f}",
              f"{celery:,.0f}", ours / celery, 8))  # fmt: skip
    print(row("stream only, against redis-py by hand, /s", f"{stream:,.0f}",
              f"{raw:,.0f}", stream / raw, 0.5))  # fmt: skip
    p50, p99 = middle(figures, "latency", "p50"), middle(figures, "latency", "p99")
    print(f"commit → effect at 25/s: p50 {p50:.1f} ms (goal ≤ 10), p99 {p99:.1f} ms (goal ≤ 50)")
    for name in ("ours", "celery"):
        pss, rss = middle(figures, name, "pss_mb"), middle(figures, name, "rss_mb")
        print(f"memory of {name:<28} {pss:6.1f} MB PSS {rss:6.1f} MB RSS")


def processes(redis: Valkey, folder: Path) -> None:
    """Start each service's web and worker as an installation does, and weigh them idle."""
    names = ("applications", "meetings", "notifications")
    urls = {f"{n.upper()}_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/{n}.db" for n in names}
    env = {
        **os.environ,
        **urls,
        "REDIS_URL": redis.url,
        "KEYS_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/keys.db",
        "SECRET_KEY": "only for a benchmark, at least 32 bytes long",
        "FILES_DIR": str(folder / "files"),
    }
    subprocess.run([sys.executable, "-m", "shared.migrate", "all"], env=env, check=True)
    for place, name in enumerate(names):
        for role in ("web", "worker"):
            process = subprocess.Popen(
                [sys.executable, "-m", f"services.{name}.{role}"],
                env={**env, "PORT": str(18000 + place), "HOST": "127.0.0.1"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(6)
            if process.poll() is None:
                found = memory_of(process.pid)
                pss, rss = found["pss_mb"], found["rss_mb"]
                print(f"memory of {name + ' ' + role:<28} {pss:6.1f} MB PSS {rss:6.1f} MB RSS")
            else:
                print(f"memory of {name + ' ' + role:<28} did not start")
            process.terminate()
            process.wait(timeout=20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=6000)
    parser.add_argument("--without-processes", action="store_true")
    chosen = parser.parse_args()
    postgres = Postgres().start()
    with TemporaryDirectory(prefix="sb-b-") as folder:
        redis = Valkey(Path(folder) / "redis").start()
        try:
            bench = Bench(redis, postgres, chosen.events)
            figures: Figures = {}
            for _ in range(chosen.rounds):
                for name in ("ours", "celery", "stream_only", "raw", "latency"):
                    figures.setdefault(name, []).append(bench.measure(name))
            report(figures)
            if not chosen.without_processes:
                processes(redis, Path(folder))
        finally:
            redis.stop()
            postgres.remove()


if __name__ == "__main__":
    main()
