"""Small models and chips that prediction tests share."""

import pytest

from fleetopt.instance.models import Experts, LatentAttention, Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip, DenseRates


@pytest.fixture(scope="session")
def llama_70b() -> Model:
    """Llama-3.1-70B: dense, grouped-query attention."""
    return Model(
        id="llama-3.1-70b", layers=80, hidden=8192, heads=64, kv_heads=8, head_dim=128, dense_ffn=28672, vocab=128256
    )


@pytest.fixture(scope="session")
def deepseek_v3() -> Model:
    """DeepSeek-V3: latent attention and 256 experts."""
    return Model(
        id="deepseek-v3", layers=61, hidden=7168, heads=128, kv_heads=128, head_dim=128, dense_ffn=18432, vocab=129280,
        experts=Experts(routed=256, active=8, ffn=2048, shared_ffn=2048, layers=58),
        mla=LatentAttention(q_lora=1536, kv_lora=512, rope_dim=64, nope_dim=128, v_dim=128),
    )  # fmt: skip


@pytest.fixture(scope="session")
def gpt_oss() -> Model:
    """gpt-oss-120b: 18 sliding-window layers of 36."""
    return Model(
        id="gpt-oss-120b", layers=36, hidden=2880, heads=64, kv_heads=8, head_dim=64, vocab=201088,
        experts=Experts(routed=128, active=4, ffn=2880, layers=36), sliding_layers=18, sliding_window=128,
    )  # fmt: skip


@pytest.fixture(scope="session")
def h100() -> Chip:
    """H100 SXM."""
    return Chip(
        id="h100-sxm", vendor="NVIDIA", dense_tflops=DenseRates(bf16=989, fp8=1979), memory_gb=80, memory_gb_s=3350,
        memory_kind="HBM", scale_up_gb_s=450, scale_up_domain=8, scale_out_gb_s=50, power_kw=0.7,
    )  # fmt: skip


@pytest.fixture(scope="session")
def wse3() -> Chip:
    """Cerebras WSE-3: 44 GB of SRAM at 21 PB/s."""
    return Chip(
        id="wse-3", vendor="Cerebras", dense_tflops=DenseRates(bf16=12500), memory_gb=44, memory_gb_s=21e6,
        memory_kind="SRAM", scale_out_gb_s=150, power_kw=23,
    )  # fmt: skip


@pytest.fixture(scope="session")
def options() -> PredictionOptions:
    """Round constants for sums by hand: no factors but those of the seven-constant roofline."""
    return PredictionOptions(
        memory_efficiency=0.75, kv_efficiency=0.75, gemm_efficiency=0.55, attention_efficiency=0.55,
        link_efficiency=0.42, fp8_gemm_factor=1.0, fp4_gemm_factor=1.0, widened_gemm_factor=1.0, expert_gemm_factor=1.0,
        activation_passes=0.0, allreduce_s=11e-6, alltoall_factor=1.0, layer_s=23e-6, expert_layer_s=0.0, step_s=2.6e-3,
        sequence_s=0.0, prefill_overlap=1.0, queue_share=0.0, first_token_s=0.0, libraries={}, engines={},
    )  # fmt: skip
