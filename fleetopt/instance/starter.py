"""The commented instance that `fleetopt new` writes: it loads and solves as it is."""

STARTER = """\
# A starter instance for fleetopt: one chat workload, two sites, two systems, a year and a half of quarters.
# `fleetopt check FILE` shows how it was read, `fleetopt solve FILE` plans it, `fleetopt schema` lists every field.
# Quantities are numbers in the unit of the field's name, or text with a unit such as "300 MW" or "$30k".
name: starter
title: A first fleet
notes: Demand, sites and prices are made up to be changed; systems, model and power come from the catalogue.

time:
  start: 2027q1            # quarters; "2027" in quotes plans by years
  periods: 6
  cycle: day               # slices are parts of a day (UTC); rates differ between them
  slices:
    - {id: night, start_hour: 0, hours: 8}
    - {id: morning, start_hour: 8, hours: 4}
    - {id: day, start_hour: 12, hours: 8}
    - {id: evening, start_hour: 20, hours: 4}

finance:
  wacc: 9 %                # purchases are charged as annuities at this rate
  carbon_usd_per_t: 0

jurisdictions:
  - {id: us, country: US}

network:
  regions:
    - {id: us-east, jurisdiction: us}
    - {id: us-south, jurisdiction: us}
  links:                   # between regions and sites; traffic takes the shortest round trip
    - {a: us-east, b: ashburn, rtt_ms: 10}
    - {a: us-south, b: dallas, rtt_ms: 10}
    - {a: ashburn, b: dallas, rtt_ms: 35}

workloads:
  - id: chat
    kind: answer           # answer: a human waits; agentic: nobody waits; training: one run to a deadline
    model: llama-3.1-70b   # from the catalogue: fleetopt/catalog/models.yaml
    precisions: [fp8]
    kv_precision: fp8
    buckets:               # request sizes; shares add up to 1
      - {id: short, share: 70 %, input_tokens: 600, output_tokens: 200}
      - {id: long, share: 30 %, input_tokens: 6k, output_tokens: 400}
    slo: {ttft_s: 1 s, tpot_s: 50 ms, percentile: 0.95}
    demand:
      growth_per_period: 8 %
      regions:
        - {region: us-east, rate_per_s: 120, slice_factors: {night: 0.5, morning: 0.8, day: 1.4, evening: 1.4}}
        - {region: us-south, rate_per_s: 80, slice_factors: {night: 0.5, morning: 0.8, day: 1.4, evening: 1.4}}
    shortfall_usd_per_request: 0.2   # price of a request not served; remove it to make all demand hard

systems:                   # fleetopt/catalog/systems.yaml; a bare id takes the entry as it is
  - use: hgx-h100-8
    lead_months: 2         # any field given here takes the place of the catalogue's
    price: {buy_usd: $250k}
  - use: hgx-b200-8
    lead_months: 3

sites:
  - id: ashburn
    name: Ashburn, Virginia
    jurisdiction: us
    power:
      pue_peak: 1.35
      pue_average: 1.25
      sources:
        - use: grid
          existing_kw: 2 MW
          max_new_kw: 4 MW
          energy_usd_per_mwh: $75/MWh
    space: {slots: 300}
  - id: dallas
    name: Dallas, Texas
    jurisdiction: us
    power:
      sources:
        - {use: grid, existing_kw: 3 MW, max_new_kw: 3 MW, energy_usd_per_mwh: $55/MWh}

fleet:                     # what is already there, or ordered and on its way
  - {id: h100-2024, system: hgx-h100-8, site: ashburn, units: 20, in_service: 2024q3, end_of_life: 2029q2}
"""


def starter_text() -> str:
    """Text of the starter instance."""
    return STARTER
