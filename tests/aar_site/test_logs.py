"""The log tells times, places and kinds of errors, never what people wrote or what lets them in."""

import json
import logging
import logging.config
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError
from django.http import HttpResponse
from django.urls import path

from aar_site.logs import JsonFormatter, QuietFormatter, scrubbed

ROOT = Path(__file__).parents[2]


def line_of(error: BaseException, message: str = "Internal Server Error: %s", *args) -> str:
    try:
        raise error
    except BaseException:
        info = sys.exc_info()
    return QuietFormatter("%(name)s %(message)s").format(
        logging.LogRecord("django.request", logging.ERROR, __file__, 1, message, args or ("/e/k3x9/",), info)
    )


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("Not Found: /setup/?code=B7D2-8108", "Not Found: /setup/?<query>"),
        ("Forbidden: /in/password/reset/3-cbk8x1-09f1c2/", "Forbidden: /in/password/reset/<key>/"),
        ("Not Found: /j/Zk3vQ0pY7nB2xT9sLm4w/", "Not Found: /j/<key>/"),
        (
            "Method Not Allowed (PUT): /j/onlyletterswithoutanydigitinthewholekeyatall/",
            "Method Not Allowed (PUT): /j/<key>/",
        ),
        ("Forbidden (cut short): /j/short", "Forbidden (cut short): /j/<key>"),
        ("cannot send to Ada.Byron+log@mail.example.org: 550", "cannot send to <address>: 550"),
        ("redis://:hunter2@redis:6379/0 is away", "redis://...@redis:6379/0 is away"),
        ("Not Found: /e/k3x9p2/timeline/", "Not Found: /e/k3x9p2/timeline/"),
        ("Conflict: /settings/services/12/", "Conflict: /settings/services/12/"),
    ],
)
def test_what_lets_somebody_in_does_not_reach_the_log(line, stays):
    assert scrubbed(line) == stays


def test_an_error_is_told_by_its_frames_and_kind_because_its_message_may_quote_somebody():
    told = line_of(ValueError("I pressed the wrong button"))
    assert "wrong button" not in told
    assert told.endswith("\nValueError")
    assert "test_logs.py" in told


def test_as_json_it_is_one_object_a_line_with_known_keys_and_the_same_silence():
    try:
        raise ValueError("I pressed the wrong button")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "Broken: %s", ("/in/?code=4711",), info)
    record.request = "whatever a library hangs on it: ada@example.org"
    [line] = JsonFormatter().format(record).splitlines()
    told = json.loads(line)
    assert set(told) == {"time", "level", "logger", "process", "message", "more"}
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "django.request", "Broken: /in/?<query>")
    assert told["more"][-1] == "ValueError"
    assert "wrong button" not in line
    assert told["time"].endswith("+00:00")


@pytest.mark.parametrize(("value", "starts"), [("json", '{"time": "'), ("line", "20")])
def test_the_setting_chooses_the_form(tmp_path, value, starts):
    environment = {**os.environ, "HINDCAST_DATA": str(tmp_path), "LOG_FORMAT": value, "DEBUG": ""}
    words = "import logging; logging.getLogger('house').warning('said to ada@example.org')"
    command = [sys.executable, "manage.py", "shell", "-c", words]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert ended.stderr.startswith(starts)
    assert "said to <address>" in ended.stderr


def test_the_database_s_own_sentence_stays_and_the_row_that_it_quotes_goes():
    told = line_of(
        IntegrityError("new row violates check\nDETAIL:  Failing row contains (1, I was asleep,\nda@x.org).")
    )
    assert told.endswith("\nIntegrityError: new row violates check")
    assert line_of(OperationalError("server closed the connection")).endswith("server closed the connection")
    assert "BASE_URL is" in line_of(ImproperlyConfigured("BASE_URL is nonsense"))


def test_the_error_behind_an_error_is_told_the_same_way():
    inner = KeyError("sealed words")
    outer = RuntimeError("more sealed words")
    outer.__cause__ = inner
    told = line_of(outer)
    assert "sealed" not in told
    assert told.index("RuntimeError") < told.index("after") < told.index("KeyError")


def test_a_failed_task_is_told_without_the_words_of_its_error():
    try:
        raise ValueError("sealed words")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    context = {"name": "remind_owners", "id": "7", "description": "raised unexpected", "exc": "ValueError('sealed')"}
    record = logging.LogRecord(
        "celery.app.trace", logging.ERROR, "", 1, "Task %(name)s[%(id)s] %(description)s: %(exc)s", (context,), info
    )
    told = QuietFormatter().format(record)
    assert told.startswith("Task remind_owners[7] raised unexpected: ValueError\n")
    assert "sealed" not in told
    assert record.args["exc"] == "ValueError('sealed')"  # what other handlers see is untouched


def broken(request):
    raise ValueError(f"cannot read {request.POST['text']}")


urlpatterns = [path("broken/", broken)]


def handler500(request):
    return HttpResponse("Something broke here.", status=500)


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_view_that_breaks_writes_neither_body_nor_cookie_nor_query(client, capfd, settings):
    """Through the handlers as they are configured: what a form held stands in no line."""
    settings.MIDDLEWARE = []
    client.raise_request_exception = False
    client.cookies["sid"] = "canary-cookie-4711"
    logging.config.dictConfig(settings.LOGGING)
    answer = client.post("/broken/?token=canary-query", {"text": "canary-body"})
    said = capfd.readouterr().err
    assert answer.status_code == 500
    assert "Internal Server Error: /broken/" in said
    assert "ValueError" in said
    assert "canary" not in said
    assert b"canary" not in answer.content
