"""The web process of the product on a free port, over the bench's own database, and the browser that looks at it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from aar_site.management.commands.serve import commands


def chromium() -> str | None:
    """Where the system's Chromium is; rather the one that has no windows at all, which takes a third less of the processor."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site(str):
    """The address of a web process, with its port and process."""

    port: int
    pid: int


@contextmanager
def serving() -> Iterator[Site]:
    """The web process that `manage.py serve` starts; yields the address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    env = {**os.environ, "BASE_URL": address}
    process = subprocess.Popen(commands("127.0.0.1", port)["web"], env=env)
    try:
        wait_for(f"{address}/livez")
        site = Site(address)
        site.port, site.pid = port, process.pid
        yield site
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
