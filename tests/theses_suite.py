"""A miniature suite of theses on the tutorial mix, for tests of what a suite asks beside its scenarios."""

SUITE = """\
title: Two theses on a toy
notes: A *toy*, with <tags>.
base: {base}
overrides:
  no-sram: {{systems.sram-machine.enabled: false}}
  relaxed: {{workloads.premium.slo.tpot_s: 50 ms}}
scenarios:
  base: {{title: As given}}
  relaxed: {{title: Nobody waits, overrides: [relaxed]}}
  no-sram: {{title: No SRAM, overrides: [no-sram]}}
sweeps:
  price: {{title: Price, grid: {{systems.sram-machine.price.scale: [1, 3]}}}}
flips:
  sram-enters:
    title: SRAM enters
    path: workloads.premium.slo.tpot_s
    between: [50 ms, 4.5 ms]
    scale: log
    within: 0.5
    prove: true
    fact: {{uses: {{chip_memory: SRAM, workload: premium}}}}
maps:
  plane:
    x: {{path: workloads.premium.slo.tpot_s, values: [50 ms, 4.5 ms]}}
    y: {{path: systems.sram-machine.price.scale, values: [1, 3]}}
    fact: {{uses: {{kind: wafer}}}}
regret: {{scenarios: [base, relaxed], weights: {{base: 3}}}}
expect:
  - {{cheaper: [relaxed, base], by: 0.2}}
  - {{cheaper: [base, [relaxed, price-02]]}}
  - {{flips: sram-enters}}
theses:
  - id: T4
    title: SRAM wins where a human waits
    claim: SRAM machines win where a human waits.
    scenarios: [base, relaxed, no-sram, price]
    flips: [sram-enters]
    maps: [plane]
    expect:
      - {{uses: {{scenario: base, chip_memory: SRAM, workload: premium, share: 0.5}}}}
      - {{avoids: {{scenario: relaxed, kind: wafer}}}}
      - {{flips: {{flip: sram-enters, between: [50 ms, 4.5 ms]}}}}
    text: >-
      At 4.5 ms the fleet costs {{scenario.base.cost}}, at 50 ms {{scenario.relaxed.cost}}
      ({{scenario.base.cost / scenario.relaxed.cost - 1:%}}). SRAM enters at {{flip.sram-enters.at}} with
      {{flip.sram-enters.second.bought.sram-machine}} machine; {{map.plane.part:%}} of the plane.

      Without it: {{scenario.no-sram.status}}, {{scenario.no-sram.cost}}. Take {{regret.expected.plan}}.
    borne_out: So it is.
    refuted: It is not so.
    decides: "{{flip.sram-enters.at}}"
    overturns: Faster GPUs.
    breaks: Above {{flip.sram-enters.fails}}.
    assumes: Made-up figures.
  - id: T9
    title: Dear SRAM leaves
    claim: At three times the price it leaves.
    scenarios: [base, price-02]
    expect: [{{avoids: {{scenario: price-02, system: sram-machine}}}}]
    borne_out: It leaves.
    refuted: It stays, with {{scenario.price-02.bought.sram-machine}} machine.
    picture: {{shares: standard}}
"""
