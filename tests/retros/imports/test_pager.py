"""PagerDuty: log entries with their lines, incidents, notes and webhooks."""

import json

from retros.imports.read import read
from tests.retros.imports.records import FILES, by_line, file, left_out, rows


def test_log_entries():
    reading = file("pagerduty.json")
    assert rows(reading) == [
        (5, "2018-10-21T22:54:00+00:00", "", "Triggered through the API: Replica lag over ten minutes"),
        (13, "2018-10-21T16:02:00-07:00", "Priya Natarajan", "Acknowledged by Priya Natarajan"),
        (18, "2018-10-21T23:07:00+00:00", "Marcus Bell", "Note added: Deploys are locked"),
    ]
    assert left_out(reading) == [(22, "The entry has no time.")]
    first = by_line(reading)[5]
    assert (first.source, first.source_label, first.type) == ("monitoring", "Databases", "signal")
    assert first.source_url == "https://acme.pagerduty.example/incidents/1/log_entries/R1"


def test_an_incident_becomes_its_moments():
    assert rows(file("pagerduty-incidents.json")) == [
        (2, "2018-10-21T22:54:00+00:00", "", "Triggered: Replica lag"),
        (3, "2018-10-21T23:02:00+00:00", "Priya Natarajan", "Acknowledged: Replica lag"),
        (4, "2018-10-21T22:55:00+00:00", "", "Assigned to Priya Natarajan: Replica lag"),
        (5, "2018-10-22T23:03:00+00:00", "Marcus Bell", "Resolved: Replica lag"),
    ]


def test_one_incident_notes_and_a_webhook():
    incident = json.loads((FILES / "pagerduty-incidents.json").read_text())["incidents"][0]
    alone = read(json.dumps({"incident": incident}).encode())
    assert alone.entries[0].text == "Triggered: Replica lag"
    notes = {
        "notes": [
            {
                "content": "locked",
                "created_at": "2018-10-21T23:07:00Z",
                "user": {"summary": "Femi", "type": "user_reference"},
            }
        ]
    }
    assert [row[1:] for row in rows(read(json.dumps(notes).encode(), format="pagerduty"))] == [
        ("2018-10-21T23:07:00+00:00", "Femi", "locked")
    ]
    hook = {"event": {"event_type": "incident.acknowledged", "occurred_at": "2018-10-21T23:02:00Z", "data": {"title": "Lag"},
                      "agent": {"type": "user_reference", "summary": "Priya", "id": "U1"}}}  # fmt: skip
    assert [row[1:] for row in rows(read(json.dumps(hook).encode()))] == [
        ("2018-10-21T23:02:00+00:00", "Priya", "Acknowledged: Lag")
    ]
