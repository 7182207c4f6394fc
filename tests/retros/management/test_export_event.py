"""`manage.py export_event`: a file under its exact name, or one line and exit 2."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from retros.document import pdf
from retros.models import State
from retros.services import document, publishing
from tests.factories import make_cast, make_entry, make_event


def export(capsys: pytest.CaptureFixture[str], *args: object) -> Path:
    call_command("export_event", *map(str, args))
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return Path(out.strip())


def test_markdown_is_written_under_date_and_name(db, capsys, tmp_path):
    event = make_event("Forty-three seconds")
    path = export(capsys, event.code, "-o", tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "aar-2018-10-21-forty-three-seconds.md"
    assert path.read_text(encoding="utf-8").startswith("# AAR: Forty-three seconds\n**Date of event:** 2018-10-21")


def test_the_published_version_is_exported_under_its_own_name(db, capsys, tmp_path):
    cast = make_cast(state=State.DRAFT, is_cause_unknown=True, went_well_none=True)
    make_entry(cast.event)
    document.save_text(cast.event, "summary", text="As it was.", base_number=0, by=cast.scribe)
    publishing.publish(cast.event, by=cast.facilitator)
    document.save_text(cast.event, "summary", text="Corrected.", base_number=1, by=cast.scribe)
    type(cast.event).objects.filter(pk=cast.event.pk).update(title="Renamed")
    path = export(capsys, cast.event.code, "-o", tmp_path)
    assert path.name == "aar-2018-10-21-forty-three-seconds.md"
    text = path.read_text(encoding="utf-8")
    assert "As it was." in text
    assert "Corrected." not in text


def test_pdf_takes_the_paper(db, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "render", lambda document, paper: f"%PDF {paper} {document.title}".encode())
    path = export(capsys, make_event("Cut").code, "--format", "pdf", "--paper", "letter", "-o", tmp_path)
    assert path.name == "aar-2018-10-21-cut.pdf"
    assert path.read_bytes() == b"%PDF letter Cut"


def test_what_cannot_be_done_costs_one_line_and_writes_nothing(db, tmp_path, monkeypatch):
    with pytest.raises(CommandError, match="There is no event 'nowhere'") as refusal:
        call_command("export_event", "nowhere", "-o", str(tmp_path))
    assert refusal.value.returncode == 2

    def refuse(document, paper):
        raise pdf.NoPdf("PDF is off on this server. Install the Pango libraries.")

    monkeypatch.setattr(pdf, "render", refuse)
    event = make_event("Cut")
    with pytest.raises(CommandError, match="Pango") as refusal:
        call_command("export_event", event.code, "--format", "pdf", "-o", str(tmp_path))
    assert refusal.value.returncode == 2
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="file") as refusal:
        call_command("export_event", event.code, "-o", str(tmp_path / "file"))
    assert refusal.value.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
