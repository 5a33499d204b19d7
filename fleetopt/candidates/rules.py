"""What the rules that reject configurations are called, for people."""

WORDS = {
    "B1": "supply",
    "B2": "lead time",
    "B7": "not on offer",
    "C2": "scale-up domain",
    "D3": "round trip or data",
    "D4": "disaggregation",
    "LAYOUT": "another layout of the system is offered",
    "M1": "memory",
    "M2": "idle memory",
    "MEASURED": "measured instead",
    "O1": "satellite size",
    "P1": "power",
    "P3": "cooling",
    "R2": "latency",
    "S1": "space",
    "SLO": "latency",
    "T1": "deadline",
    "T2": "training memory",
    "X1": "export",
}
