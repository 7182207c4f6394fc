"""Jira and GitHub: what a ticket says happened, by whom, and on which line of its file."""

import json

from retros.imports.read import read
from tests.retros.imports.records import FILES, by_line, file, left_out, rows


def test_a_jira_issue_with_comments_and_changes():
    reading = file("jira.json")
    assert rows(reading) == [
        (6, "2018-10-21T22:58:00+00:00", "Priya Natarajan", "Created: Databases on the wrong coast"),
        (12, "2018-10-22T00:05:00+00:00", "Marcus Bell", "Plan: restore, sync"),
        (25, "2018-10-21T17:13:00-06:00", "Priya Natarajan", "Status: Open to In Progress"),
    ]
    assert by_line(reading)[12].text == "Plan: restore, sync\n@Femi agrees"
    assert {(e.source, e.source_label, e.source_url) for e in reading.entries} == {
        ("ticket", "Jira OPS-77", "https://acme.atlassian.example/browse/OPS-77")
    }


def test_a_search_of_jira_and_a_change_log_alone():
    issue = json.loads((FILES / "jira.json").read_text())
    found = read(json.dumps({"issues": [issue, issue]}).encode())
    assert (found.format, len(found.entries), {e.item for e in found.entries}) == ("jira", 6, {1, 2})
    log = read(json.dumps({"values": issue["changelog"]["histories"]}).encode())
    assert [(log.format, *row[1:]) for row in rows(log)] == [
        ("jira", "2018-10-21T17:13:00-06:00", "Priya Natarajan", "Status: Open to In Progress")
    ]


def test_a_github_issue_as_its_tool_writes_it():
    reading = file("github.json")
    assert rows(reading) == [
        (6, "2018-02-23T00:30:00+00:00", "priya", "Opened: Proxy pods vanish"),
        (10, "2018-02-23T00:32:00+00:00", "marcus", "Sparse logs point to the proxy"),
        (7, "2018-02-23T00:35:00+00:00", "", "Closed"),
    ]
    assert by_line(reading)[6].text == "Opened: Proxy pods vanish\nDashboard and site are down & silent"
    assert by_line(reading)[10].source_url == "https://github.example/c/1"


def test_the_timeline_of_an_issue():
    reading = file("github-timeline.json")
    assert rows(reading) == [
        (2, "2018-02-23T00:31:00+00:00", "priya", "Labeled: outage"),
        (4, "2018-02-23T00:33:00+00:00", "marcus", "pods deleted"),
        (5, "2018-02-23T00:34:00+00:00", "Femi Ade", "Committed: Raise the limit"),
        (6, "2018-02-23T00:35:00+00:00", "priya", "Closed"),
    ]
    assert left_out(reading) == [(3, "Somebody follows the ticket.")]


def test_comments_as_the_api_lists_them():
    comments = [{"id": 1, "body": "pods\u0000 deleted", "user": {"login": "marcus"}, "created_at": "2018-02-23T00:33:00Z",
                 "html_url": "javascript:alert(1)"}]  # fmt: skip
    reading = read(json.dumps(comments).encode())
    assert rows(reading) == [(1, "2018-02-23T00:33:00+00:00", "marcus", "pods deleted")]
    assert reading.entries[0].source_url == ""
