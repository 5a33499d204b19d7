"""A small instance as text whose line numbers the tests count on, and ways to spoil it."""

import pytest

from fleetopt.errors import InputError, Issue
from fleetopt.instance.load import load_text

TINY = """\
name: tiny
time:
  start: 2027q1
  periods: 2
  slices:
    - {id: day, start_hour: 0, hours: 12}
    - {id: night, start_hour: 12, hours: 12}
jurisdictions:
  - {id: us, country: US}
network:
  regions:
    - {id: east, jurisdiction: us}
  links:
    - {a: east, b: virginia, rtt_ms: 20}
models:
  - id: small
    layers: 32
    hidden: 4096
    heads: 32
    kv_heads: 8
    head_dim: 128
    dense_ffn: 14336
    vocab: 128256
workloads:
  - id: chat
    kind: answer
    model: small
    buckets:
      - {id: b1, share: 1, input_tokens: 1000, output_tokens: 200}
    demand:
      regions:
        - region: east
          rate_per_s: 10
    slo: {ttft_s: 1, tpot_s: 0.05}
systems:
  - id: gpu8
    vendor: acme
    kind: server
    chips: 8
    power_kw: 10
    price: {buy_usd: $300k}
    chip:
      id: gpu
      vendor: acme
      memory_kind: HBM
      memory_gb: 80
      memory_gb_s: 3 TB/s
      power_kw: 0.7
      dense_tflops: {bf16: 1000}
sites:
  - id: virginia
    jurisdiction: us
    power:
      sources:
        - id: grid
          existing_kw: 1 MW
fleet:
  - id: old
    system: gpu8
    site: virginia
    units: 3
    in_service: 2025q1
    end_of_life: 2029q4
"""


def spoilt(*changes: tuple[str, str]) -> str:
    """TINY with each first text replaced by the second; the first must stand in it."""
    text = TINY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def problems(text: str, name: str = "f.yaml") -> tuple[Issue, ...]:
    """Everything that loading `text` complains about; fails where it does not."""
    with pytest.raises(InputError) as caught:
        load_text(text, name)
    return caught.value.issues


def line_of(text: str, part: str) -> int:
    """Number of the first line that contains `part`."""
    return next(n for n, line in enumerate(text.splitlines(), start=1) if part in line)
