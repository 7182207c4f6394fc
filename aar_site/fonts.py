"""Typefaces out of their packages: small web fonts for pages, fixed faces for PDF. `python -m aar_site.fonts` builds both.

A variable font in a PDF is cut for each weight and size while it is printed, which takes as long as the layout; so the
faces that the print sheet uses are cut once.

Subset first, then cut the variable axes: the other way round fontTools fails on these files.
"""

import importlib.util
import io
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent
WEB, PRINT = ROOT / "static" / "fonts", ROOT / "build" / "fonts"
# Latin to Extended-A, general punctuation, currency, arrows, mathematical minus, a few geometric shapes.
UNICODES = [*range(0x20, 0x180), *range(0x2010, 0x2028), *range(0x2030, 0x203B), 0x20AC, *range(0x2190, 0x2194)]
UNICODES += [
    *range(0x218, 0x21C),
    0x2212,
    0x2026,
    0x2122,
    0x21B5,
    0x2318,
    0x25CF,
    0x25CB,
    0x2713,
    0x2248,
    0x2264,
    0x2265,
]


def package_file(package: str, *words: str) -> Path:
    """The font file of an installed package whose name holds all the words; the shortest such name."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed")
    files = [p for p in Path(spec.origin).parent.rglob("*") if p.suffix.lower() in {".ttf", ".otf", ".ttc"}]
    fitting = [p for p in files if all(word.lower() in p.name.lower() for word in words)]
    if not fitting:
        raise FileNotFoundError(f"{package} holds no file named with {words}: {[p.name for p in files]}")
    return min(fitting, key=lambda p: len(p.name))


def web_faces() -> dict[str, tuple[Path, dict[str, Any]]]:
    """Web font name -> (file of the package, limits of its variable axes)."""
    return {
        "serif": (serif(), {"opsz": 14, "wght": (400, 600)}),
        "serif-italic": (serif_italic(), {"opsz": 14, "wght": 400}),
        "sans": (sans(), {"wght": (400, 600)}),
        "mono": (mono(), {"wght": 500}),
    }


def print_faces() -> dict[str, tuple[Path, dict[str, Any]]]:
    """Face of the print sheet -> (file of the package, its place on each variable axis)."""
    return {
        "serif": (serif(), {"opsz": 14, "wght": 400}),
        "serif-bold": (serif(), {"opsz": 14, "wght": 600}),
        "serif-italic": (serif_italic(), {"opsz": 14, "wght": 400}),
        "sans": (sans(), {"wght": 400}),
        "sans-bold": (sans(), {"wght": 600}),
        "mono": (mono(), {"wght": 500}),
    }


def printed() -> dict[str, Path]:
    """Face of the print sheet -> its file; those that are not built yet come whole from their package."""
    found = {name: PRINT / f"{name}.ttf" for name in print_faces()}
    missing = {name: source for name, (source, _) in print_faces().items() if not found[name].exists()}
    return {**found, **missing, "cjk": cjk()}


def serif() -> Path:
    return package_file("fontpkg_source_serif_4", "SourceSerif4[")


def serif_italic() -> Path:
    return package_file("fontpkg_source_serif_4", "Italic")


def sans() -> Path:
    return package_file("fontpkg_source_sans_3", "SourceSans3[")


def mono() -> Path:
    return package_file("fontpkg_jetbrains_mono", "JetBrainsMono[")


def cjk() -> Path:
    return package_file("noto_cjk_sans_otc", "Regular")


def build() -> dict[str, int]:
    """Write all faces; returns their sizes in bytes, by file name."""
    sizes, small = {}, {}
    for folder, kind, faces in ((WEB, "woff2", web_faces()), (PRINT, "ttf", print_faces())):
        for name, (path, axes) in faces.items():
            if path not in small:
                small[path] = subset(path)
            sizes[f"{name}.{kind}"] = write(folder / f"{name}.{kind}", cut(small[path], axes, kind))
    return sizes


def write(target: Path, data: bytes) -> int:
    """Whole or not at all, also when the build is stopped."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    partial.write_bytes(data)
    partial.replace(target)
    return len(data)


def subset(path: Path) -> bytes:
    """A font file with our characters alone."""
    font = TTFont(path)
    options = Options()
    options.layout_features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum"]
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=UNICODES)
    subsetter.subset(font)
    return saved(font)


def cut(data: bytes, axes: dict[str, Any], kind: str) -> bytes:
    """A variable font with its axes cut, as woff2 or ttf."""
    font = TTFont(io.BytesIO(data))
    present = {axis.axisTag for axis in font["fvar"].axes} if "fvar" in font else set()
    font = instancer.instantiateVariableFont(font, {k: v for k, v in axes.items() if k in present})
    font.flavor = "woff2" if kind == "woff2" else None
    return saved(font)


def saved(font: TTFont) -> bytes:
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


if __name__ == "__main__":
    print(", ".join(f"{name} {size // 1024} KB" for name, size in build().items()))  # noqa: T201 - a script
