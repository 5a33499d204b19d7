"""T: training runs finish in time, on teams whose memory holds them (T2's screen says how many units that takes)."""

from collections import defaultdict

from pulp import lpSum

from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.compute import units_serving
from fleetopt.model.equations.reliability import available_share
from fleetopt.model.equations.supply import rented_working
from fleetopt.model.terms import Term, weighted
from fleetopt.model.variables import team_periods


@equation("T1", "team")
def runs_finish_between_start_and_deadline(m: Context) -> Rows:
    """The team chosen for a run has the periods its FLOPs take, at its MFU and goodput.

    $$\\sum_t trainrun_{k,t} \\ge \\frac{FLOP_w}{seconds\\;chips_k\\;peak_k\\;MFU_k\\;goodput_k}\\,train_k$$
    """
    for k in m.sets.training:
        shares = [
            m.var.trainrun[k.id, t] for t in range(k.first_period, k.last_period + 1) if (k.id, t) in m.var.trainrun
        ]
        yield (k.id,), lpSum(shares) - k.periods_needed * m.var.train[(k.id,)] >= 0


@equation("T1.link", "team, period")
def only_the_chosen_team_trains(m: Context) -> Rows:
    """A team trains only if it is the one chosen.

    $$trainrun_{k,t} \\le train_k$$
    """
    for (k, t), share in m.var.trainrun.items():
        yield (k, m.sets.periods[t]), share - m.var.train[(k,)] <= 0


@equation("T1.active", "team, period")
def training_takes_presence(m: Context) -> Rows:
    """A team trains only in periods in which it is present.

    $$trainrun_{k,t} \\le active_{k,t}$$
    """
    for (k, t), share in m.var.trainrun.items():
        yield (k, m.sets.periods[t]), share - m.var.active[k, t] <= 0


@equation("T1.one", "workload")
def every_run_has_one_team(m: Context) -> Rows:
    """Every training run is done by one team at one site.

    $$\\sum_k train_k = 1$$
    """
    teams = defaultdict(list)
    for k in m.sets.training:
        teams[k.workload].append(m.var.train[(k.id,)])
    for w, columns in teams.items():
        yield (w,), lpSum(columns) == 1


@equation("T2.team", "team, period")
def memory_of_the_run_is_there(m: Context) -> Rows:
    """Whenever a run trains, the units whose memory it needs are there and working, however short it trains.

    $$least_k\\,active_{k,t} \\le \\Big(1 - f_c\\,\\tfrac{repair_c}{365.25}\\Big)\\,installed_{c,s,t} + \\sum_a working_a\\,rented_{c,s,a,t}$$
    """
    for k in m.sets.training:
        working = available_share(m.sets.systems[k.system])
        for t in team_periods(m.sets, k):
            there = working * m.var.installed[k.system, k.site, t] + rented_working(m, k.system, k.site, t)
            yield (k.id, m.sets.periods[t]), k.least_units * m.var.active[k.id, t] - there <= 0


@equation("T3", "system, site, period, slice")
def machines_serve_outside_training(m: Context) -> Rows:
    """Where a team may train, units serving and units training share what is in use or rented (C1 with training).

    $$\\sum_{k,b} \\frac{units_k}{rate_{k,b}}\\,serve_{b,k,t,h} + \\sum_{k\\,whole} units_k\\,keep_{k,t} + \\sum_{k\\,team} units_k\\,trainrun_{k,t} \\le busy_{c,s,t,h} + \\sum_a working_a\\,rented_{c,s,a,t}$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        teams = m.sets.teams_on.get((c, s))
        if teams:
            training: list[Term] = [(k.units, m.var.trainrun[k.id, t]) for k in teams if (k.id, t) in m.var.trainrun]
            used = weighted(units_serving(m, c, s, t, h) + training)
            yield (c, s, m.sets.periods[t], h), used - busy - rented_working(m, c, s, t) <= 0
