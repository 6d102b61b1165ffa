"""Axes of cells that hands can take hold of: dragged, zoomed, set back. No Qt, no GL."""

from dataclasses import dataclass

NARROWEST_CODES = 8


@dataclass(frozen=True)
class Axis:
    """An axis that was taken hold of.

    Attributes
    ----------
    columns : engine Columns
    channel : int
    ends : (float, float)
        Codes that it shows.
    start, length : float
        Where it lies, logical pixels along itself; a negative length goes up.
    """

    columns: object
    channel: int
    ends: tuple
    start: float
    length: float

    def code_at(self, along):
        """The code at a place along it."""
        low, high = self.ends
        return low + (along - self.start) / self.length * (high - low)

    def args(self, low, high):
        """Arguments of the command that has it show a range of codes."""
        step, start = float(self.columns.step[self.channel]), float(self.columns.low[self.channel])
        return {
            "layer": self.columns.layer,
            "channel": self.channel,
            "low": start + low * step,
            "high": start + high * step,
        }

    def shifted(self, along):
        """The range after a drag by so many pixels."""
        codes = along / self.length * (self.ends[1] - self.ends[0])
        return self.args(self.ends[0] - codes, self.ends[1] - codes)

    def zoomed(self, factor, along):
        """The range nearer (factor above 1) at a place; None where codes end."""
        at, (low, high) = self.code_at(along), self.ends
        low, high = at + (low - at) / factor, at + (high - at) / factor
        return self.args(low, high) if high - low >= NARROWEST_CODES else None
