"""Draws a causal chain for paper: boxes from the causes on the left to the effect on the right, joined by brackets. Pure.

Units are thousandths of the line width. The text is broken here, because SVG does not break lines.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from retros.document import cause_map
from retros.document.tree import Cause, Chain, with_below

LEAST_LEVELS, MOST_LEVELS, MOST_LEAVES, MOST_LINES = 3, 4, 9, 7
MOST_MAPPED = 60  # ends of branches; more rows do not fit a page, and the list tells them
WIDTH, GAP, WIDEST = 1000.0, 58.0, 290.0
PAD, LABEL, LINE, BETWEEN = 12.0, 20.0, 21.0, 12.0
EM = 17.5
# Widths of the serif face in ems, each group by its widest letter: a line may end early, and never runs over its box.
WIDTHS = {
    0.24: " '\u2019", 0.335: "!|,.:;jil-[]", 0.382: "t{}()fIJ\"/\\", 0.491: "rsz*?`", 0.545: "ceaS_$#+<=>^~\u20130123456789",
    0.602: "gxovyZkq", 0.644: "dLbPpuTEhnF", 0.73: "BCYXRVKAG&", 0.77: "ODQUN", 0.84: "Hw\u2014@\u00e6", 1.01: "MmW%\u00c6\u0152\u0153",
}  # fmt: skip
EMS = {letter: width for width, letters in WIDTHS.items() for letter in letters}
KINDS = {
    "trigger": "Trigger",
    "event": "Event",
    "decision": "Decision",
    "defence": "Defence",
    "shared": "Shared, written once",
}


@dataclass(frozen=True)
class Box:
    """One node. `tone` is 'effect', 'trigger', 'defence', 'shared', 'root' or ''. Lines are (y, words)."""

    x: float
    y: float
    width: float
    height: float
    label: str
    tone: str
    lines: list[tuple[float, str]]

    @property
    def text_x(self) -> float:
        return self.x + PAD

    @property
    def label_y(self) -> float:
        return self.y + PAD + 8


@dataclass
class Picture:
    """Boxes, straight joints (x1, y1, x2, y2), and where "and" stands. Boxes are `column` wide; `sentence` says the same in words."""

    column: float
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    joints: list[tuple[float, float, float, float]] = field(default_factory=list)
    ands: list[tuple[float, float]] = field(default_factory=list)
    sentence: str = ""


def levels(effects: list[Cause]) -> int:
    """How many levels the deepest branch has."""
    return max((1 + levels(drawn(node)) for node in effects), default=0)


def leaves(node: Cause) -> int:
    """How many rows a branch needs."""
    return sum(leaves(cause) for cause in drawn(node)) or 1


def drawn(node: Cause) -> list[Cause]:
    """The boxes that lead to a node: its causes but those that limited the harm, and a box for each cause that stands elsewhere."""
    fields = {"question": "", "kind": "shared", "is_root_cause": False, "has_held": False, "evidence": []}
    return [*node.meeting, *(Cause(text, **fields) for _, text in node.shared)]  # type: ignore[arg-type]


def nodes(effects: list[Cause]) -> Iterator[Cause]:
    """Every node, each before its causes."""
    for node in effects:
        yield from with_below(node)


def draw(chain: Chain) -> list[Picture]:
    """One picture per effect that has causes; none at all where a list says it better, or paper is too small."""
    asked = [effect for effect in chain.effects if effect.causes]
    if not is_picture(chain) or any(leaves(effect) > MOST_LEAVES for effect in asked):
        return []
    found = [_draw(effect) for effect in asked]
    whole = all(len(box.lines) <= MOST_LINES for picture in found for box in picture.boxes)
    return found if whole else []


def is_picture(chain: Chain) -> bool:
    """Two levels are a sentence, and five do not fit the width."""
    return LEAST_LEVELS <= levels(chain.effects) <= MOST_LEVELS


def map_of(chain: Chain) -> cause_map.Map | None:
    """The map of a chain that is no picture, whose numbers the list below it explains; None where that is no help."""
    rows = [row for effect in chain.effects for row in _rows(effect, 1)]
    is_old = any(not node.number for node in nodes(chain.effects))  # a document from before they were numbered
    if is_old or levels(chain.effects) <= MOST_LEVELS or sum(map(leaves, chain.effects)) > MOST_MAPPED:
        return None
    links = [(node.number, other) for node in nodes(chain.effects) for other, _ in node.leads]
    return cause_map.draw(rows, links)


def _rows(node: Cause, depth: int) -> Iterator[cause_map.Row]:
    tone = "effect" if depth == 1 else "defence" if node.kind == "defence" else "root" if node.is_root_cause else ""
    yield cause_map.Row(node.number, depth, tone, node.number)
    for cause in node.meeting:
        yield from _rows(cause, depth + 1)


def _draw(effect: Cause) -> Picture:
    count = levels([effect])
    width = min(WIDEST, (WIDTH - GAP * (count - 1)) / count)
    picture = Picture(column=width, sentence=f"Causal chain: {_sentence(effect)}.")
    _, picture.height = _place(picture, effect, count - 1, 1.0, is_effect=True)
    picture.height += 2
    return picture


def _place(picture: Picture, node: Cause, column: int, top: float, is_effect: bool = False) -> tuple[float, float]:
    """Place a node and its causes below `top`; returns the node's middle and where its branch ends."""
    width = picture.column
    words = broken(node.text, width - 2 * PAD)
    height = PAD + LABEL + LINE * len(words)
    middles, bottom = [], top
    for cause in drawn(node):
        middle, bottom = _place(picture, cause, column - 1, bottom)
        middles.append(middle)
        bottom += BETWEEN
    bottom -= BETWEEN if middles else 0
    middle = (middles[0] + middles[-1]) / 2 if middles else top + height / 2
    middle = max(middle, top + height / 2)
    x, y = column * (width + GAP), middle - height / 2
    lines = [(y + PAD + LABEL + LINE * (i + 0.55), line) for i, line in enumerate(words)]
    label, tone = ("Effect", "effect") if is_effect else (_label(node), _tone(node))
    picture.boxes.append(Box(x, y, width, height, label, tone, lines))
    _join(picture, middles, middle, x)
    return middle, max(bottom, y + height)


def _join(picture: Picture, middles: list[float], middle: float, x: float) -> None:
    """The bracket from the right edges of the causes to the left edge of what they led to."""
    if not middles:
        return
    bar = x - GAP / 2
    picture.joints += [(x - GAP, at, bar, at) for at in middles]
    picture.joints.append((bar, min(*middles, middle), bar, max(*middles, middle)))
    picture.joints.append((bar, middle, x, middle))
    if len(middles) > 1:
        picture.ands.append((bar + 4, middle - 6))


def _label(node: Cause) -> str:
    kind = KINDS.get(node.kind, "Condition")
    if node.is_root_cause:
        return f"{kind}, root cause" if node.kind in KINDS else "Root cause"
    state = node.defence or ("Held" if node.has_held else "")
    return f"{kind}, {state[:1].lower()}{state[1:]}" if state else kind


def _tone(node: Cause) -> str:
    if node.is_root_cause:
        return "root"
    return node.kind if node.kind in {"trigger", "defence", "shared"} else ""


def _sentence(node: Cause) -> str:
    text = node.text.strip().rstrip(".")
    if not drawn(node):
        return text
    return f"{text}, because {'; and '.join(_sentence(cause) for cause in drawn(node))}"


def broken(text: str, width: float) -> list[str]:
    """The text in lines of at most `width` units; a word that is longer is cut."""
    lines, line = [], ""
    for word in text.split():
        for piece in _pieces(word, width):
            joined = f"{line} {piece}" if line else piece
            if line and measure(joined) > width:
                lines.append(line)
                line = piece
            else:
                line = joined
    return [*lines, line] if line else lines


def _pieces(word: str, width: float) -> list[str]:
    pieces, piece = [], ""
    for letter in word:
        if piece and measure(piece + letter) > width:
            pieces.append(piece)
            piece = letter
        else:
            piece += letter
    return [*pieces, piece]


def measure(text: str) -> float:
    """Estimated width of the text in the serif face; wide scripts take a whole em."""
    return sum(_advance(letter) for letter in text)


def _advance(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return EM
    plain = unicodedata.normalize("NFD", letter)[0]  # an accent takes no width
    return EM * EMS.get(plain, 0.82 if letter.isupper() else 0.644)
