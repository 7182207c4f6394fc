"""From `sh script/start` to the first 200, on its second run; and what all its processes keep in memory when idle."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figure import Figure
from bench.server import free_port, wait_for

IDLE = 5  # seconds until memory is read


def run() -> list[Figure]:
    """The first run migrates and builds; the second is what an operator waits for. Reference: Python importing Django."""
    with tempfile.TemporaryDirectory(prefix="hindcast-bench-") as folder:
        first, _ = once(folder)
        second, memory = once(folder)
    return [
        Figure("script/start to the first 200, first run", first, "s"),
        Figure("script/start to the first 200, second run", second, "s", 5, bare()),
        Figure("memory of all processes, idle", memory, "MB", 350, note="proportional (PSS)"),
    ]


def once(folder: str) -> tuple[float, float]:
    """Seconds to the first 200, megabytes when idle."""
    port = free_port()
    env = {**os.environ, "HINDCAST_DATA": folder}
    before = time.perf_counter()
    process = subprocess.Popen(
        ["sh", "script/start", "--bind", f"127.0.0.1:{port}"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/in/")
        took = time.perf_counter() - before
        time.sleep(IDLE)
        return took, memory_of(process.pid) / 1024
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def memory_of(pid: int) -> float:
    """KB of the process and its children; shared pages counted once among those who share them."""
    total = 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (str(pid), *children):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += float(line.split()[1])
    return total


def bare() -> float:
    before = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import django; django.setup()"], check=True)
    return time.perf_counter() - before
