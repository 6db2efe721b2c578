"""A chart as plain figures: drawn by static/js/chart.js, shown as a table and given out as CSV from the same rows."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["line", "area", "bar", "stacked", "funnel", "sankey", "heat"]


@dataclass(frozen=True)
class Chart:
    """Figures under column heads, the first column being the axis (or the name).

    `rows` by kind: line, area, bar, stacked: (axis, value, value …), one series per column; funnel: (name, value);
    sankey: (from, to, value); heat: (row, column, value).
    """

    id: str
    kind: Kind
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def script_id(self) -> str:
        """The id of the JSON in the page."""
        return f"{self.id}-data"

    @property
    def as_json(self) -> dict[str, Any]:
        """What the script reads."""
        return {
            "kind": self.kind,
            "columns": [str(column) for column in self.columns],
            "rows": [[cell if isinstance(cell, int | float) else str(cell) for cell in row] for row in self.rows],
        }
