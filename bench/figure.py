"""One measured figure beside its budget and a reference measured in the same run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`reference` is what a bare stand-in took in the same run and the same unit: ratios carry over to other machines."""

    name: str
    value: float
    unit: str  # ms, s, KB, requests, queries
    budget: float | None = None  # at most
    reference: float | None = None
    note: str = ""

    def line(self) -> str:
        words = [f"{self.name:<44}", f"{number(self.value):>8} {self.unit:<9}"]
        words.append(f"budget {number(self.budget):>6}" if self.budget is not None else " " * 13)
        words.append("" if self.budget is None else "ok  " if self.value <= self.budget else "OVER")
        if self.reference is not None:
            words.append(f"reference {number(self.reference):>6} ({self.value / max(self.reference, 1e-9):.1f} x)")
        return "  ".join([*words, self.note]).rstrip()


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
