"""The objective, line by line."""

from fleetopt.plan import Plan
from fleetopt.report.text import share, table, whole_usd

MEANING = {
    "systems": "systems bought",
    "discounts": "volume discounts (negative)",
    "rent": "rented systems",
    "memory": "memory bought or rented apart",
    "power_build": "power built",
    "power_lease": "powered space leased",
    "energy": "energy and fuel",
    "site": "sites opened, staff and rates",
    "network": "traffic",
    "launch": "launches",
    "licence_duty": "duties and revenue shares",
    "maintenance_staff": "maintenance, operations, fixed cost of power",
    "carbon": "carbon",
    "unserved": "demand not served",
    "residual": "resale (negative)",
}


def cost_section(plan: Plan) -> list[str]:
    """Cost lines with shares; they add up to the objective."""
    total = plan.objective_usd
    rows = [
        [f"`{name}` – {MEANING.get(name, name)}", whole_usd(usd), share(usd / total) if total else "–"]
        for name, usd in plan.cost_lines.items()
        if usd
    ]
    rows.append(["**total = objective**", f"**{whole_usd(total)}**", share(1.0) if total else "–"])
    note = (
        "Present value to the start of the first period; purchases as equal instalments over their life, those inside"
    )
    return [
        "## What it costs",
        "",
        f"{note} the horizon only. Lines that are zero are left out.",
        "",
        *table(["line", "USD", "share"], rows),
    ]
