"""Draws all causes of a review as one small map: the effect on the right, its causes to the left, level by level. Pure.

A map has no words: its boxes carry numbers, and the list beside it says what they mean.
"""

from dataclasses import dataclass, field

STEP, ROW, WIDE, HIGH, EDGE = 41.5, 16.0, 17.0, 11.0, 6.0
SHOWN = 1.55  # pixels per unit


@dataclass(frozen=True)
class Spot:
    """One cause: its key and number, and where its box begins. `tone` is 'effect', 'root', 'defence' or ''."""

    key: int
    number: int
    x: float
    y: float
    tone: str

    @property
    def middle(self) -> float:
        return self.x + WIDE / 2

    @property
    def base(self) -> float:
        return self.y + HIGH - 2.6


@dataclass(frozen=True)
class Joint:
    """The line from a cause to what it led to, as an SVG path; `cause` and `effect` are keys."""

    cause: int
    effect: int
    path: str


@dataclass
class Map:
    width: float = 0
    height: float = 0
    spots: list[Spot] = field(default_factory=list)
    joints: list[Joint] = field(default_factory=list)
    shared: list[Joint] = field(default_factory=list)

    @property
    def levels(self) -> int:
        return len({spot.x for spot in self.spots})

    @property
    def sentence(self) -> str:
        """What stands in its place for those who do not see it."""
        return f"Map of {len(self.spots)} causes on {self.levels} levels. The list tells each of them."

    @property
    def dashes(self) -> str:
        """What its dashes mean, for its caption; "" without any."""
        lines = "Dashed lines: a cause that leads to two effects." if self.shared else ""
        boxes = "Dashed boxes: defences." if any(spot.tone == "defence" for spot in self.spots) else ""
        return " ".join(filter(None, [lines, boxes]))

    @property
    def shown(self) -> tuple[float, float]:
        """Width and height at which its numbers are read well, in pixels."""
        return self.width * SHOWN, self.height * SHOWN


@dataclass(frozen=True)
class Row:
    """What the map knows of a cause: rows come in reading order, each before its causes."""

    key: int
    depth: int
    tone: str = ""
    number: int = 0


def draw(rows: list[Row], links: list[tuple[int, int]]) -> Map:
    """The map of all rows; `links` are (cause, effect) of causes that lead to a second effect."""
    if not rows:
        return Map()
    levels = max(row.depth for row in rows)
    middles = _middles(rows)
    found = Map(width=EDGE * 2 + STEP * (levels - 1) + WIDE, height=max(middles) + HIGH / 2 + EDGE)
    spots: dict[int, Spot] = {}
    above: list[Spot] = []
    for row, middle in zip(rows, middles, strict=True):
        x = EDGE + STEP * (levels - row.depth)
        spot = Spot(row.key, row.number, x, middle - HIGH / 2, row.tone)
        found.spots.append(spot)
        spots[row.key] = spot
        above[row.depth - 1 :] = [spot]
        if row.depth > 1:
            found.joints.append(_joint(spot, above[row.depth - 2]))
    found.shared = [_bow(spots[a], spots[b]) for a, b in links if a in spots and b in spots]
    return found


def _middles(rows: list[Row]) -> list[float]:
    """Of each row the height of its middle: ends one below the other, others in the middle of their causes."""
    middles = [0.0] * len(rows)
    pending: dict[int, list[float]] = {}  # depth -> middles of the causes whose effect is still to come
    ends = sum(1 for i, row in enumerate(rows) if i + 1 == len(rows) or rows[i + 1].depth <= row.depth)
    for i in range(len(rows) - 1, -1, -1):
        depth = rows[i].depth
        below = pending.pop(depth + 1, [])
        if below:
            middles[i] = (below[0] + below[-1]) / 2
        else:
            ends -= 1
            middles[i] = EDGE + HIGH / 2 + ROW * ends
        pending.setdefault(depth, []).append(middles[i])
    return middles


def _joint(cause: Spot, effect: Spot) -> Joint:
    start, bar = cause.x + WIDE, effect.x - 7
    y1, y2 = cause.y + HIGH / 2, effect.y + HIGH / 2
    return Joint(cause.key, effect.key, f"M{start:.1f} {y1:.1f}H{bar:.1f}V{y2:.1f}H{effect.x:.1f}")


def _bow(cause: Spot, effect: Spot) -> Joint:
    """A curve, so that it is told from the brackets wherever the two boxes lie."""
    y1, y2 = cause.y + HIGH / 2, effect.y + HIGH / 2
    if cause.x < effect.x:
        x1, x2 = cause.x + WIDE, effect.x
        path = f"M{x1:.1f} {y1:.1f}Q{(x1 + x2) / 2:.1f} {y1:.1f} {x2:.1f} {y2:.1f}"
    else:
        x1, x2 = cause.x + WIDE / 2, effect.x + WIDE / 2
        y1, y2 = (y1 + HIGH / 2, y2 - HIGH / 2) if y1 < y2 else (y1 - HIGH / 2, y2 + HIGH / 2)
        path = f"M{x1:.1f} {y1:.1f}Q{x1 - STEP * 0.8:.1f} {(y1 + y2) / 2:.1f} {x2:.1f} {y2:.1f}"
    return Joint(cause.key, effect.key, path)
