"""The program that prints one document as PDF, in a process of its own with limits: `pdf.py` starts it and talks to it by pipes.

It imports next to nothing but WeasyPrint, because whoever asked waits for that. Nothing is fetched: our own typefaces are
answered, every other address is refused.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from aar_site.processes import die_with

ADDRESS = "hindcast-font:"
CPU_S = 60
REFUSED = 3  # exit code: the reason stands on stderr
FEW = 0.15  # of a page: so little at the end is worth a second layout that is a little closer
CLOSER = "@page{margin-top:17mm;margin-bottom:18mm}html{line-height:1.42}h2{margin-top:5.5mm}li{margin-bottom:1mm}"


def main(parent: int) -> int:
    """Read a job {html, css, fonts, memory} as JSON, write the PDF. `parent` is whose death ends this process."""
    die_with(parent)
    job = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))
    try:
        sys.stdout.buffer.write(printed(job))
    except OSError as error:  # what the import raises where Pango is missing
        what = str(error).partition(": ")[0]  # "cannot load library 'libpango-1.0-0'"; then it says where it looked
        print(f"PDF is off on this server: {what}. Install the Pango libraries.", file=sys.stderr)
        return REFUSED
    return 0


def printed(job: dict[str, Any]) -> bytes:
    """The document as PDF/UA-1. The one place that imports WeasyPrint."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurFonts(URLFetcher):  # type: ignore[misc]
        """Answers our own names, refuses every other address: no network, no files, no redirects."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(ADDRESS)
            if url.startswith(ADDRESS) and name in job["fonts"]:
                return URLFetcherResponse(url, Path(job["fonts"][name]).read_bytes(), {"Content-Type": "font/ttf"})
            raise ValueError("nothing is fetched for a PDF")

    fetcher, configuration = OnlyOurFonts(), FontConfiguration()
    html = HTML(string=job["html"], url_fetcher=fetcher, base_url=None)
    sheet = CSS(string=job["css"], font_config=configuration, url_fetcher=fetcher)
    variant = {"pdf_variant": "pdf/ua-1"}
    document = html.render(configuration, stylesheets=[sheet], **variant)
    if _is_nearly_empty(document.pages):
        closer = CSS(string=CLOSER, font_config=configuration, url_fetcher=fetcher)
        second = html.render(configuration, stylesheets=[sheet, closer], **variant)
        document = second if len(second.pages) < len(document.pages) else document
    pdf: bytes = document.write_pdf(**variant)
    return pdf


def _is_nearly_empty(pages: list[Any]) -> bool:
    """Whether a few lines stand alone on the last of several pages."""
    last: Any = pages[-1]._page_box  # the layout tells the height of what a page holds nowhere else
    root = next(box for box in last.children if box.element_tag == "html")
    return len(pages) > 1 and root.height < last.height * FEW


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
