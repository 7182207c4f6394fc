"""The web process of the product on a free port, over the bench's own database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving() -> Iterator[str]:
    """uvicorn started as `manage.py serve` starts it; yields the address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    env = {**os.environ, "BASE_URL": address}
    command = [sys.executable, "-m", "uvicorn", "aar_site.asgi:application", "--port", str(port), "--lifespan", "off"]
    command += ["--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    process = subprocess.Popen(command, env=env)
    try:
        wait_for(f"{address}/livez")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(address: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urlopen(address, timeout=5).close()  # noqa: S310 - our own address
            return
        except (URLError, OSError):
            time.sleep(0.02)
    raise SystemExit(f"{address} did not answer within {seconds:.0f} seconds.")
