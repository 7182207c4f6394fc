"""Log lines of many machines, the lines that continue them, and those that are nothing."""

from retros.imports.found import Reading
from retros.imports.read import read
from tests.retros.imports.records import CAPTURED, UTC, by_line, file, left_out, rows

NO_TIME = "Holds no time, and does not continue the line before."


def reading_of(line: str) -> Reading:
    return read(line.encode(), format="log", zone=UTC)


def test_iso_lines_keep_their_offsets_and_a_line_between_them_is_listed():
    reading = file("iso.log")
    assert rows(reading) == [
        (1, "2018-10-21T22:52:00+00:00", "", "orchestrator: east hub lost, leaders move to the west"),
        (2, "2018-10-21T22:54:07.481000+00:00", "", "monitor: 214 alerts in one minute"),
        (3, "2018-10-21T23:02:00+00:00", "", "topology: cluster list names west-coast servers only"),
        (5, "2018-10-21T23:07:00-07:00", "", "deploy: locked by hand"),
        (7, "The clock names no zone.", "", "status: red"),
    ]
    assert left_out(reading) == [(6, NO_TIME)]
    assert (reading.format, reading.format_label) == ("log", "Log lines: ISO 8601")
    assert by_line(reading)[1].raw.startswith("2018-10-21T22:52:00Z orchestrator")


def test_stack_traces_belong_to_the_line_above_them():
    reading = file("application.log", zone=UTC)
    assert [(e.line, e.last_line) for e in reading.entries] == [(1, 0), (2, 8), (9, 12), (13, 0)]
    assert reading.skipped == ()
    trace = by_line(reading)[2]
    assert trace.text.startswith("ERROR queue.worker payload dropped\nTraceback")
    assert trace.text.endswith("ValueError: nothing to retry")
    assert trace.at.isoformat() == "2018-10-22T16:45:02.007000+00:00"


def test_syslog_has_its_year_from_the_day_of_the_record():
    reading = file("syslog.log", zone=UTC, captured=CAPTURED)
    assert rows(reading) == [
        (1, "2018-10-21T22:52:00+00:00", "", "primary unreachable"),
        (2, "2018-10-21T22:54:00+00:00", "", "paging database on-call"),
        (3, "2018-10-22T00:05:00+00:00", "", "[42.000113] disk queue is long"),
        (4, "2018-10-22T06:51:00+00:00", "", "three clusters level"),
    ]
    assert by_line(reading)[1].source_label == "db-east-1 orchestrator"
    assert all("Year 2018" in entry.guesses[0] for entry in reading.entries)
    assert left_out(reading) == [(5, "Counts seconds since the machine started; that is no time of day.")]


def test_syslog_without_a_year_is_asked():
    reading = file("syslog.log", zone=UTC)
    assert reading.needs_year
    assert {e.unclear for e in reading.entries} == {"The day names no year."}


def test_the_newer_syslog_with_its_structured_data():
    reading = file("syslog5424.log")
    assert rows(reading) == [
        (1, "2018-10-21T22:52:00.003000+00:00", "", "leaders moved"),
        (2, "2018-10-21T16:54:00-06:00", "", "paging database on-call"),
    ]
    assert reading.format_label == "Log lines: syslog (RFC 5424)"


def test_access_and_error_logs():
    assert rows(file("access.log", zone=UTC)) == [
        (1, "2018-10-21T22:52:31+00:00", "", '"GET /status HTTP/1.1" 502 157 "-" "probe/1"'),
        (2, "2018-10-21T15:53:02-07:00", "", '"POST /hooks HTTP/2.0" 503 0'),
        (3, "2018-10-21T22:54:11+00:00", "", "[error] 31#31: *9 upstream timed out"),
        (4, "2018-10-21T22:55:00.500000+00:00", "", "[core:error] [pid 7] proxy refused"),
    ]


def test_seconds_since_1970_and_klog():
    reading = file("epoch.log", zone=UTC, captured=CAPTURED)
    assert rows(reading) == [
        (1, "2018-10-21T22:52:00+00:00", "", "leaders moved"),
        (2, "2018-10-21T22:54:00.250000+00:00", "", "alerts"),
        (3, "2018-10-21T23:02:00.123000+00:00", "", "topology read"),
        (4, "2018-10-21T23:07:00.000001+00:00", "", "deploys locked"),
    ]
    assert by_line(reading)[1].offset is None, "an instant names no clock of its own"


def test_the_journal():
    reading = file("journal.json")
    assert rows(reading) == [
        (1, "2018-10-21T22:52:00+00:00", "", "leaders moved"),
        (2, "2018-10-21T22:54:00.000001+00:00", "", "paging"),
    ]
    assert left_out(reading) == [(3, "The object has no time.")]
    assert (reading.format, by_line(reading)[2].source_label) == ("journald", "mon-1 alertd")


def test_a_line_that_only_begins_like_an_object_is_listed_as_that():
    reading = reading_of('{"time": "2018-10-21T22:52:00Z", "msg": "a"}\n{broken 1\n{"msg": 2}\n')
    assert left_out(reading) == [(2, "Begins like a JSON object and is none."), (3, "The object has no time.")]


def test_loggers_that_write_objects():
    assert rows(file("structured.jsonl")) == [
        (1, "2018-10-21T22:52:00.500000+00:00", "", "INFO leaders moved"),
        (2, "2018-10-21T22:54:00+00:00", "", "ERROR alerts"),
        (3, "2018-10-22T00:41:00.100000+00:00", "", "restoring"),
    ]


def test_what_may_stand_before_a_time():
    lines = [
        "ERROR 2018-10-21 22:52:00,123 views oops",
        "web_1  | 2018-10-21 22:52:00 hi",
        "[INFO] 2018-10-21T22:52:00Z x",
        "12345:M 21 Oct 2018 22:52:00.123 * Ready",
        'time="2018-10-21T22:52:00Z" level=info msg="said \\"it\\""',
        "pod/api-1 2018-10-21T22:52:00Z started",
        "type=USER msg=audit(1540162320.000:42): op=login",
        "# Time: 2018-10-21T22:52:00Z",
    ]
    found = [row for line in lines for row in rows(reading_of(line))]
    assert [text for *_, text in found] == [
        "views oops",
        "hi",
        "x",
        "* Ready",
        'said "it"',
        "started",
        "op=login",
        lines[-1],
    ]
    assert {at[:19] for _, at, _, _ in found} == {"2018-10-21T22:52:00"}


def test_colours_and_control_characters_go():
    (entry,) = reading_of("2018-10-21T22:52:00Z \x1b[31mred\x1b[0m\x07 alert").entries
    assert (entry.text, entry.raw) == ("red alert", "2018-10-21T22:52:00Z red alert")


def test_a_day_alone_is_that_of_the_clocks_below_it():
    text = "=== 21 October 2018 ===\n22:52 leaders moved\n2018-10-22\n00:05 plan formed\n"
    found = read(text.encode(), zone=UTC, format="log").entries
    assert [(e.line, e.at.isoformat()[:16], e.guesses) for e in found] == [
        (2, "2018-10-21T22:52", ()),
        (4, "2018-10-22T00:05", ()),
    ]
