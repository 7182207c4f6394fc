"""Runs the named benches, all without a name, and prints each figure beside its budget:  sh script/bench [NAME ...]

A bench is a module of this package whose `run()` gives figures. When it runs, Django is set up on an empty, migrated
database in a throw-away data folder (HINDCAST_DATA) of its own, with static files collected; `bench.server.serving()`
serves that folder.
"""

import importlib
import os
import subprocess
import sys
import tempfile

NAMES = ("start", "pages", "pdf", "room", "timeline", "imports", "readers")


def main(names: list[str]) -> int:
    """Each bench in a process of its own: none inherits another's caches or memory."""
    if unknown := [name for name in names if name not in NAMES]:
        print(f"No bench is called {unknown[0]}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    failed = 0
    for name in names or NAMES:
        with tempfile.TemporaryDirectory(prefix="hindcast-bench-") as folder:
            env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "DEBUG"}}
            env |= {"HINDCAST_DATA": folder, "DJANGO_SETTINGS_MODULE": "aar_site.settings"}
            failed |= subprocess.call([sys.executable, "-m", "bench.run", "--here", name], env=env)
    return failed


def here(name: str) -> int:
    """One bench, in this process."""
    django = importlib.import_module("django")
    django.setup()
    call = importlib.import_module("django.core.management").call_command
    call("migrate", verbosity=0)
    call("collectstatic", interactive=False, verbosity=0)
    print(f"\n{name}")
    for figure in importlib.import_module(f"bench.{name}").run():
        print(f"  {figure.line()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(here(sys.argv[2]) if sys.argv[1:2] == ["--here"] else main(sys.argv[1:]))
