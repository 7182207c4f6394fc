"""The PDF of a review as large as that of a day-long incident, in the limited child process that the product uses."""

import statistics
import subprocess
import sys
import time
from datetime import timedelta

from bench.figure import Figure
from retros.document import pdf
from retros.document.build import build
from retros.models import Factor, WhyNode
from tests.factories import make_action, make_cast, make_entry

ENTRIES, WHYS, FACTORS, ACTIONS = 20, 8, 6, 8  # the review of GitHub 2018 has 17, 7, 5 and 6
WORDS = "Replication to the western data centre fell behind, so reads of the last minutes showed what had been true before. "


def run() -> list[Figure]:
    """Three rounds, the middle one counts. The reference is what WeasyPrint needs for one empty page, start-up included."""
    cast = make_cast()
    event, lead = cast.event, cast.facilitator
    for n in range(ENTRIES):
        make_entry(event, f"{n}: {WORDS}", minutes=30 * n, created_by=lead)
    for n in range(WHYS):
        WhyNode.objects.create(event=event, text=f"{n}: {WORDS}", rank=n, created_by=lead)
    for n in range(FACTORS):
        Factor.objects.create(event=event, category="change", text=f"{n}: {WORDS}", created_by=lead)
    for n in range(ACTIONS):
        make_action(
            event, f"Check the lag of shard {n} each night", owner=lead, due_on=event.ended_at + timedelta(days=n)
        )
    times, size = [], 0
    for _ in range(3):
        before = time.perf_counter()
        size = len(pdf.render(build(event)))
        times.append(time.perf_counter() - before)
    return [Figure("PDF of a review", statistics.median(times), "s", 2, empty_page(), f"{size / 1024:.0f} KB")]


def empty_page() -> float:
    code = "from weasyprint import HTML; HTML(string='<p>x').write_pdf()"
    before = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - before
