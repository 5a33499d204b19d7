"""Idle KV: restoring it from a memory tier, or computing it again."""


def restore_s(kv_gb: float, tier_read_gb_s: float, latency_s: float = 0.0) -> float:
    """Time to bring `kv_gb` back from a tier; infinite from one that cannot be read."""
    if kv_gb <= 0:
        return 0.0
    return latency_s + kv_gb / tier_read_gb_s if tier_read_gb_s > 0 else float("inf")


def restoring_is_faster(kv_gb: float, tier_read_gb_s: float, latency_s: float, recompute_s: float) -> bool:
    """Whether restoring beats prefilling the same tokens again in `recompute_s`."""
    return restore_s(kv_gb, tier_read_gb_s, latency_s) <= recompute_s
