"""One command runs everything: it says where it is, mends its children, refuses a second one, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.core.management.base import CommandError

from aar_site.management.commands import serve
from tests.journeys.product import ROOT, free_port, own_database

PARTS = {"uvicorn": "web", "worker": "worker", "beat": "beat"}


def start(folder: Path, port: int, database: dict[str, str], **variables: str) -> subprocess.Popen[str]:
    """The command typed in another folder than the product's; what it prints goes to the file `said`."""
    environment = {**os.environ, **database, "HINDCAST_DATA": folder.name, "PYTHONUNBUFFERED": "1", **variables}
    environment.pop("BASE_URL", None)
    with (folder / "said").open("w") as said:
        command = [sys.executable, str(ROOT / "manage.py"), "serve", "--bind", f"127.0.0.1:{port}"]
        return subprocess.Popen(command, cwd=folder.parent, env=environment, stdout=said, stderr=said, text=True)


@pytest.fixture
def started():
    """The servers that a test has started; a test that fails leaves none behind."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def wait_for(true, what: str, seconds: float = 90):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} within {seconds} s")


def children(pid: int) -> dict[str, int]:
    """Part -> process id, of the living children of the supervisor."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            words = (stat.parent / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            found |= {part: int(stat.parent.name) for word, part in PARTS.items() if word in words}
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def page(address: str) -> str:
    with urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
        return answer.read().decode()


def answers(port: int) -> bool:
    try:
        return page(f"http://127.0.0.1:{port}/livez") == "ok\n"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_serves_mends_its_children_and_never_leaves_one_behind(tmp_path, started):
    port, database = free_port(), own_database(tmp_path)
    said = tmp_path / "said"

    first = start(tmp_path, port, database)
    started.append(first)
    link = wait_for(lambda: re.search(r"\n    (http://\S+/setup/\?code=\S+)\n", said.read_text()), "a link")[1]
    assert f"Hindcast is running on http://127.0.0.1:{port}/\n" in said.read_text()
    assert link.startswith(f"http://127.0.0.1:{port}/setup/?code=")
    assert link.partition("code=")[2] in page(link)  # filled in already
    parts = wait_for(lambda: len(found := children(first.pid)) == 3 and found, "three children")
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("*sqlite3*")} <= {0}  # for this user alone

    first.kill()
    first.wait()
    wait_for(lambda: not any(alive(pid) for pid in parts.values()), "the end of all children")

    second = start(tmp_path, port, database)
    started.append(second)
    again = wait_for(lambda: re.search(r"\n    (http://\S+/setup/\?code=\S+)\n", said.read_text()), "a link")[1]
    assert again != link  # an older code is dead
    parts = wait_for(lambda: len(found := children(second.pid)) == 3 and found, "three children")
    rival = subprocess.run(
        [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{free_port()}"],
        cwd=ROOT, env={**os.environ, **database, "HINDCAST_DATA": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rival.returncode == 1
    assert f"Another Hindcast is running on {tmp_path}. Stop it, or set HINDCAST_DATA" in rival.stderr

    for pid in parts.values():
        os.kill(pid, signal.SIGKILL)
    killed = set(parts.values())  # one that was told to die may be seen for a moment longer
    wait_for(lambda: len(new := set(children(second.pid).values())) == 3 and not new & killed, "three new children")
    for part in parts:
        assert f"{part} ended with -9; it starts again in 2 s" in said.read_text()
    wait_for(lambda: answers(port), "an answer of the new web process")

    parts = children(second.pid)
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    assert not any(alive(pid) for pid in parts.values())
    assert "Traceback" not in said.read_text()


@pytest.mark.parametrize(
    ("bind", "place"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("8080", ("127.0.0.1", 8080)),
        (":8080", ("127.0.0.1", 8080)),
        ("[::1]:8000", ("::1", 8000)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
    ],
)
def test_where_to_listen(bind, place):
    assert serve.split_bind(bind) == place


@pytest.mark.parametrize("bind", ["nonsense", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http", ""])
def test_a_place_that_makes_no_sense_is_refused_with_an_example(bind):
    with pytest.raises(CommandError, match=r"write HOST:PORT, for example 127\.0\.0\.1:8000\."):
        serve.split_bind(bind)


def test_a_port_in_use_is_named_before_anything_starts():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"127\.0\.0\.1:{port} cannot be used: Address already in use\. Choose"):
            serve.check_port("127.0.0.1", port)


@pytest.mark.parametrize(("host", "name"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("10.0.0.3", "10.0.0.3")])
def test_an_address_that_people_can_open_is_printed(host, name):
    assert serve.reachable(host) == name


class Dead:
    def poll(self) -> int:
        return 1


STOPPED_ANYWHERE = """
import signal, sys
import django
django.setup()
from aar_site.management.commands import serve
stop = serve.told_to_stop()
def trace(*_):
    signal.raise_signal(signal.SIGTERM)
    return trace
sys.settrace(trace)
serve.waited(0.1, stop)
sys.settrace(None)
print("stops" if serve.waited(0.1, stop) else "goes on")
"""


def test_a_signal_to_stop_is_heard_at_any_moment():
    """One that comes while the wait holds a lock is not waited for by itself."""
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "aar_site.settings"}
    command = [sys.executable, "-c", STOPPED_ANYWHERE]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "stops\n"


def test_a_child_that_keeps_dying_waits_longer_each_time(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(serve.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(serve.subprocess, "Popen", lambda *a, **k: Dead())
    child = serve.Child("web", [])
    pauses = []
    for _ in range(8):
        pauses.append(re.search(r"again in (\d+) s", child.mend() or "")[1])
        assert child.mend() is None  # nothing happens before it is time
        now[0] += float(pauses[-1])
        child.mend()
    assert pauses == ["2", "4", "8", "16", "32", "60", "60", "60"]
    now[0] += 3600
    assert "again in 1 s" in child.mend()
