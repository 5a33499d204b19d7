"""Language models: numbers that must agree with each other."""

from collections.abc import Iterator

from fleetopt.instance.located import Finding
from fleetopt.instance.models import Model
from fleetopt.instance.schema import Instance


def check_models(instance: Instance) -> Iterator[Finding]:
    """Heads group evenly, experts and layer kinds do not exceed the layers, and there is a feed-forward part."""
    for index, model in enumerate(instance.models):
        for field, message, hint in _problems(model):
            yield Finding(("models", index, *field.split(".")), message, hint)


def check_drafts(instance: Instance) -> Iterator[Finding]:
    """A draft model speaks the vocabulary of the model it drafts for, and is smaller."""
    models = {model.id: model for model in instance.models}
    drafted = {workload.id: workload.model for workload in instance.workloads} | {name: name for name in models}
    for name, speculation in instance.prediction.speculative.items():
        draft, model = models.get(speculation.draft_model or ""), models.get(drafted.get(name) or "")
        if draft is None or model is None:
            continue
        at = ("prediction", "speculative", name, "draft_model")
        if draft.vocab != model.vocab:
            message = f"{draft.id} has {draft.vocab} tokens, {model.id} has {model.vocab}"
            yield Finding(at, message, "try a model of the same vocabulary")
        elif draft.layers * draft.hidden >= model.layers * model.hidden:
            yield Finding(at, f"{draft.id} is no smaller than {model.id}", "try a smaller model")


def _problems(model: Model) -> Iterator[tuple[str, str, str]]:
    experts = model.experts
    if model.heads % model.kv_heads:
        yield "kv_heads", f"{model.heads} heads do not group by {model.kv_heads}", "try a divisor of heads"
    if experts and experts.active > experts.routed:
        yield "experts.active", f"{experts.active} active of {experts.routed} experts", "try at most routed"
    if experts and experts.layers > model.layers:
        yield "experts.layers", f"{experts.layers} of {model.layers} layers", "try at most layers"
    if not model.dense_ffn and (experts is None or experts.layers < model.layers):
        yield "dense_ffn", "the dense layers have no feed-forward width", "try adding it"
    full = model.full_attention_layers
    if full is not None and full + model.sliding_layers > model.layers:
        message = f"{full} full and {model.sliding_layers} sliding layers of {model.layers}"
        yield "full_attention_layers", message, "try numbers that add up to layers or less"
    if model.sliding_layers and not model.sliding_window:
        yield "sliding_window", "the sliding layers have no window", "try adding it"
    if model.sliding_layers > model.layers:
        yield "sliding_layers", f"{model.sliding_layers} of {model.layers} layers", "try at most layers"
