"""Real dates from periods: when one begins, and by when to order what must be there at its start."""

from datetime import date, timedelta

from fleetopt.instance.time import Time

DAYS_PER_MONTH = 365.25 / 12


def starts(period: str) -> date:
    """First day of a period: of its quarter, or of its year."""
    return date(int(period[:4]), 3 * (int(period[5]) - 1) + 1 if "q" in period else 1, 1)


def order_by(delivery: str, lead_months: float, order_period: str) -> date:
    """Last day to order for service from the start of `delivery`: the lead time in calendar months before it.

    Parts of a month count 30.4 days a month. Never before the period in which the plan orders, which counts whole
    periods of lead.
    """
    first, whole = starts(delivery), int(lead_months)
    months = max(12, first.year * 12 + first.month - 1 - whole)
    day = date(months // 12, months % 12 + 1, 1) - timedelta(days=round((lead_months - whole) * DAYS_PER_MONTH))
    return max(day, starts(order_period))


def year(time: Time, t: int) -> int:
    """Calendar year of a period index."""
    return int(time.period_id(t)[:4])
