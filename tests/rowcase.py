"""A row that tests vary, and its answer."""

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.answers import Answer
from fleetopt.prediction.rows.serving import predict_serving

SERVING = {
    "id": "r1", "source": "by hand", "chip": "H100-SXM", "n_chips": "1", "tp": "1", "pp": "1", "ep": "1", "dp": "1",
    "model": "Llama-3.1-8B", "weight_precision": "bf16", "kv_precision": "bf16", "isl": "1000", "osl": "200",
    "concurrency_or_batch": "1", "mode": "static_batch", "metric": "tpot_ms", "unit": "ms", "engine": "vLLM",
}  # fmt: skip
"""Llama-3.1-8B in bf16 on one H100, batch 1, 1,000 tokens in and 200 out."""
TRAINING = {
    "id": "t1", "chip": "H100-SXM", "n_chips": "64", "model": "Llama-3.1-8B", "params": "8.03e9",
    "active_params": "8.03e9", "seq_len": "8192", "global_batch_seqs": "1024", "micro_batch": "1", "tp": "1", "pp": "1",
    "cp": "1", "vp": "1", "ep": "", "fsdp": "0", "precision": "bf16", "metric": "tokens_per_s_per_chip",
}  # fmt: skip
"""Llama-3.1-8B in bf16 on 64 H100."""


def row(**changes: str) -> dict[str, str]:
    """The serving row with changes."""
    return {**SERVING, **changes}


def training_row(**changes: str) -> dict[str, str]:
    """The training row with changes."""
    return {**TRAINING, **changes}


def predicted(options: PredictionOptions, **changes: str) -> Answer:
    """The answer to the serving row with changes."""
    return predict_serving(row(**changes), options)
