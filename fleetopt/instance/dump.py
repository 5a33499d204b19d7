"""An instance as YAML: what `resolved.yaml` holds, exact, in the order of the schema, and the same bytes every time."""

from typing import Any

import yaml
from pydantic import BaseModel

from fleetopt.instance.scalars import reads_as_itself
from fleetopt.instance.schema import Instance


def dump_resolved(instance: Instance) -> str:
    """The whole instance, defaults written out; fields that are empty by default and empty here are left out."""
    return dump_data(as_data(instance))


def dump_data(data: dict[str, Any]) -> str:
    """Plain data as YAML that the strict reader takes: in order, innermost mappings on one line."""
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000, default_flow_style=None
    )


def as_data(section: BaseModel) -> dict[str, Any]:
    """A section as plain data; reading it back gives an equal section."""
    data = {}
    for name, info in type(section).model_fields.items():
        value = getattr(section, name)
        is_default = value == info.get_default(call_default_factory=True)
        silent = value is None or value in ("", (), {}) or getattr(value, "said_only_if_used", False)
        if not (is_default and silent):
            data[name] = _plain(value)
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return as_data(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


_BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""LibYAML's where PyYAML was built with it: the same bytes, four times as fast."""


class _Dumper(_BASE):  # type: ignore[misc]
    """Quotes every text that the strict reader would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Values are always written out."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if reads_as_itself(text) and text != "<<" else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
