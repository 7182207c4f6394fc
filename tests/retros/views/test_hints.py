"""The page of what is pointed out: each hint with its forms, one press and its undo, a reason that is kept; and who may."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from retros.models import Event, HintAnswer, State, TimelineEntry
from retros.services import hints, outline
from tests.factories import START, make_entry


@pytest.fixture
def cast(cast: Any) -> Any:
    """A resolution before the detection, and an end that lies elsewhere."""
    Event.objects.filter(pk=cast.event.pk).update(severity="sev1", ended_at=START + timedelta(hours=2))
    make_entry(cast.event, "seen", minutes=60, landmark="detected", type="decision", created_by=cast.scribe)
    make_entry(cast.event, "over", minutes=30, landmark="resolved", created_by=cast.scribe)
    return cast


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(cast: Any, path: str = "") -> str:
    return f"/e/{cast.event.code}/timeline/look-again/{path}"


def hint(cast: Any, kind: str) -> hints.Hint:
    event = Event.objects.get(pk=cast.event.pk)
    return next(one for one in hints.find(event, outline.of(event)).open if one.kind == kind)


def press(cast: Any, kind: str, way: str, by: Any, **data: Any) -> Any:
    sent = {"key": hint(cast, kind).key, "way": way, "op": str(uuid.uuid4()), **data}
    return signed_in(by).post(url(cast, "mend/"), sent)


def page(cast: Any, by: Any, at: str = "") -> str:
    return signed_in(by).get(at or url(cast)).content.decode()


def marks(cast: Any) -> dict[str, str]:
    return dict(TimelineEntry.objects.filter(event=cast.event).values_list("text", "landmark"))


def test_one_press_mends_and_one_takes_it_back(cast):
    answer = press(cast, "landmarks", "swap", cast.scribe)
    assert answer.status_code == 303
    assert marks(cast) == {"seen": "resolved", "over": "detected"}
    shown = page(cast, cast.scribe, answer.url)
    assert "“Exchange the two marks” is done." in shown
    seq = answer.url.split("mended=")[1].split("#")[0]
    signed_in(cast.scribe).post(url(cast, "undo/"), {"seq": seq})
    assert marks(cast) == {"seen": "detected", "over": "resolved"}
    assert "Done:" not in page(cast, cast.scribe, answer.url)  # nothing is left to undo


def test_the_same_press_twice_answers_the_same(cast):
    key, op = hint(cast, "landmarks").key, str(uuid.uuid4())
    client = signed_in(cast.scribe)
    sent = {"key": key, "way": "off-later", "op": op}
    first, second = (client.post(url(cast, "mend/"), sent) for _ in range(2))
    assert first.url == second.url
    assert marks(cast)["over"] == ""


def test_what_was_put_right_meanwhile_is_refused_with_a_sentence(cast):
    old = hint(cast, "landmarks").key
    press(cast, "landmarks", "swap", cast.scribe)
    answer = signed_in(cast.facilitator).post(url(cast, "mend/"), {"key": old, "way": "swap"})
    assert answer.status_code == 409
    assert "put right or changed meanwhile" in answer.content.decode()


def test_a_time_is_typed_and_what_is_none_comes_back_with_its_reason(cast):
    refused = press(cast, "landmarks", "time", cast.scribe, value="25:99")
    assert refused.status_code == 422
    assert "25:99 is no time of day" in refused.content.decode()
    assert 'value="25:99"' in refused.content.decode()
    assert press(cast, "landmarks", "time", cast.scribe, value="00:40").status_code == 303  # past midnight
    assert TimelineEntry.objects.get(text="over").at == START + timedelta(minutes=108)


def test_the_scribe_mends_moments_and_the_facilitator_the_event_too(cast):
    shown = {who: page(cast, getattr(cast, who)) for who in ("scribe", "facilitator", "participant")}
    for who, words in (("scribe", False), ("facilitator", True), ("participant", False)):
        assert ("Let the event end at" in shown[who]) == words, who
    assert "Exchange the two marks" in shown["scribe"]
    assert "Exchange the two marks" not in shown["participant"]
    assert press(cast, "ends", "event", cast.scribe).status_code == 403
    answer = press(cast, "ends", "event", cast.facilitator)
    assert answer.status_code == 303
    seq = answer.url.split("mended=")[1].split("#")[0]
    assert signed_in(cast.scribe).post(url(cast, "undo/"), {"seq": seq}).status_code == 403
    assert signed_in(cast.facilitator).post(url(cast, "undo/"), {"seq": seq}).status_code == 303


def test_a_severity_is_chosen_and_nonsense_is_refused(cast):
    Event.objects.filter(pk=cast.event.pk).update(severity="")
    assert press(cast, "severity", "severity", cast.facilitator, value="major").status_code == 422
    assert press(cast, "severity", "severity", cast.facilitator, value="sev2").status_code == 303
    assert Event.objects.get(pk=cast.event.pk).severity == "sev2"


def test_a_moment_of_another_timeline_cannot_be_marked(cast):
    other = make_entry(Event.objects.create(title="Other", started_at=START), "Elsewhere")
    own = make_entry(cast.event, "taken", minutes=61, created_by=cast.scribe)
    assert press(cast, "missing", "mark", cast.scribe, value=str(other.pk)).status_code == 422
    assert press(cast, "missing", "mark", cast.scribe, value=str(own.pk)).status_code == 303
    assert marks(cast)["taken"] == "acknowledged"
    other.refresh_from_db()
    assert other.landmark == ""


def test_what_is_right_is_kept_with_its_reason_and_asked_again(cast):
    sent = {"key": hint(cast, "landmarks").key, "reason": " "}
    refused = signed_in(cast.scribe).post(url(cast, "answer/"), sent)
    assert refused.status_code == 422
    assert "Say why it is right as it stands." in refused.content.decode()
    signed_in(cast.scribe).post(url(cast, "answer/"), {**sent, "reason": "It was foreseen the day before."})
    shown = page(cast, cast.guest)
    for words in ("Looked at, and right", "It was foreseen the day before.", cast.scribe.name):
        assert words in shown
    assert "Exchange the two marks" not in page(cast, cast.scribe)
    row = HintAnswer.objects.get()
    path, op = url(cast, f"{row.pk}/ask/"), str(uuid.uuid4())
    client = signed_in(cast.facilitator)
    assert [client.post(path, {"op": op}).status_code for _ in range(2)] == [303, 303]
    assert "Exchange the two marks" in page(cast, cast.scribe)


def test_the_timeline_shows_the_contradictions_first_and_leads_to_all(cast):
    shown = page(cast, cast.scribe, f"/e/{cast.event.code}/timeline/")
    assert "Four things to look at again" in shown
    assert shown.index("lies before") < shown.index("No moment marks")
    assert "See all 4" in shown


@pytest.mark.parametrize("who", ["outsider", "facilitator"])
def test_a_published_timeline_points_nothing_out(cast, who):
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=START)
    assert "to look at again" not in page(cast, getattr(cast, who), f"/e/{cast.event.code}/timeline/")
    key = hint(cast, "landmarks").key
    answer = signed_in(cast.facilitator).post(url(cast, "mend/"), {"key": key, "way": "swap"})
    assert answer.status_code == 409
    assert marks(cast) == {"seen": "detected", "over": "resolved"}


def test_an_event_never_ends_before_it_begins_by_a_press_or_by_taking_one_back(cast):
    """The way is not offered where it leads there; and where times changed since, taking a mend back says so."""

    def over_at(at):
        TimelineEntry.objects.filter(text="over").update(at=at, sort_at=at)
        return {way.slug for way in hint(cast, "ends").mends}

    assert over_at(START - timedelta(hours=1)) == {"entry", "off"}
    assert over_at(START + timedelta(hours=50)) == {"event", "entry", "off"}
    assert press(cast, "ends", "event", cast.facilitator).status_code == 303
    Event.objects.filter(pk=cast.event.pk).update(started_at=START + timedelta(hours=30))
    answer = signed_in(cast.facilitator).post(url(cast, "undo/"), {"seq": 1, "op": str(uuid.uuid4())})
    assert answer.status_code == 409
    assert "The event would end before it begins." in answer.content.decode()
