"""`by_date: catalogue`: prices by date taken over from the catalogue's series."""

from typing import Any

from fleetopt.catalog import load as catalog
from fleetopt.instance.located import Finding, Path

WORD = "catalogue"
#: The field a dated price takes the place of, by kind of entry.
FIELDS: dict[str, str] = {"system": "buy_usd", "memory": "usd_per_gb"}


def with_series(item: dict[str, Any], kind: str, name: Any, at: Path, findings: list[Finding]) -> dict[str, Any]:
    """`item` with the prices by date of the catalogue's entry `name`, where it asks for them by that word.

    The last date before the horizon holds in it unless a later one begins, so a series of the past does no harm.
    """
    price = item.get("price")
    if kind not in FIELDS or not isinstance(price, dict) or price.get("by_date") != WORD:
        return item
    field = FIELDS[kind]
    known = isinstance(name, str) and name in catalog.ids(kind)
    points = catalog.series(kind, name).get(f"price.{field}", []) if known else []
    if not points:
        message = f"the catalogue has no prices by date for {kind} {name!r}"
        findings.append(Finding((*at, "price", "by_date"), message, "try writing them out: [{since: ..., ...}]"))
        return item
    dated = [{"since": point["since"], field: point["value"]} for point in points]
    cited = {
        "source": "; ".join(dict.fromkeys(point["source"] for point in points)),
        "date": f"{points[0]['since']} to {points[-1]['since']}",
        "confidence": ", ".join(dict.fromkeys(point["confidence"] for point in points)),
    }
    provenance = {**item.get("provenance", {}), "price.by_date": cited}
    return {**item, "price": {**price, "by_date": dated}, "provenance": provenance}
