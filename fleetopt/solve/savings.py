"""What volume discounts save, from cleaned decisions: a line for each step, system and period of delivery."""

from fleetopt.model.context import USD_PER_MUSD, Context
from fleetopt.plan import Discount
from fleetopt.solve.clean import significant


def savings(m: Context) -> tuple[Discount, ...]:
    """The plan's discounts in order of period, discount, system and step; what is below all steps saves nothing."""
    steps = {(d.id, number): step for d in m.instance.supply.discounts for number, step in enumerate(d.steps, start=1)}
    found = []
    for (d, c, t, number), musd in m.var.spend.items():
        if musd and number > 0:
            step, spend_usd = steps[d, number], significant(musd * USD_PER_MUSD)
            found.append(
                Discount(
                    discount=d,
                    period=m.instance.time.period_id(t),
                    system=c,
                    from_usd=step.from_usd,
                    share=step.discount,
                    spend_usd=spend_usd,
                    saving_usd=significant(step.discount * spend_usd),
                )
            )
    return tuple(sorted(found, key=lambda d: (d.period, d.discount, d.system, d.from_usd)))
