"""The JSON Schema of instance *files*, for editors: the schema of an instance, with what a file may say instead.

A file may name catalogue entries (`use`, or the id alone), include files, take demand from CSV, and write quantities
as text with a unit.
"""

import json
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.instance.series import WORD

Json = dict[str, Any]
#: Definitions that may come from the catalogue.
ENTITIES = ("Jurisdiction", "ExportRule", "Duty", "Model", "System", "MemoryTier", "Site", "PowerSource", "Chip")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/"
_USE = {"type": "string", "description": "Id of a catalogue entry; fields beside it take the place of the entry's."}
_CSV = {"type": "string", "description": "Demand table below the instance's folder, instead of regions and table."}
_MEASURED_CSV = {"type": "string", "description": "Table of points below the instance's folder, beside points."}
_BY_DATE = {"const": WORD, "description": "Takes over the catalogue's prices by date."}
_INCLUDE = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Files below the instance's folder, merged with this one.",
}


def schema_text() -> str:
    """The schema as text, the same bytes every time."""
    return json.dumps(file_schema(), indent=2, ensure_ascii=False) + "\n"


def file_schema() -> Json:
    """The schema as plain data."""
    schema = _tidied(Instance.model_json_schema())
    definitions = schema["$defs"]
    for name in ("Price", "MemoryPrice"):
        dated = definitions[name]["properties"]["by_date"]
        about = {key: dated.pop(key) for key in ("default", "description")}
        definitions[name]["properties"]["by_date"] = {**about, "anyOf": [dated, _BY_DATE]}
    for name in ENTITIES:
        definitions[f"{name}Reference"] = _reference(definitions, name)
    for name in [name for name in definitions if not name.endswith(("Reference", "Partial"))]:
        definitions[name] = _with_references(definitions[name])
    definitions["Demand"]["properties"]["csv"] = _CSV
    definitions["Measured"]["properties"]["csv"] = _MEASURED_CSV
    root = _with_references({key: value for key, value in schema.items() if key != "$defs"})
    needed = root.pop("required")
    root["properties"]["include"] = _INCLUDE
    root["anyOf"] = [{"required": needed}, {"required": ["include"]}]
    return {"$schema": DIALECT, **root, "title": "fleetopt instance", "$defs": dict(sorted(definitions.items()))}


def _reference(definitions: Json, name: str) -> Json:
    """An entry by id, alone or with fields laid over it; sections merge, so nothing below is required."""
    entry = _partial(definitions, definitions[name])
    entry["properties"] = {"use": _USE, **entry["properties"]}
    return {"anyOf": [{"type": "string", "description": _USE["description"]}, {**entry, "required": ["use"]}]}


def _partial(definitions: Json, definition: Json) -> Json:
    """A section without required fields, here or in the sections below it."""
    fields = {key: _loosened(definitions, field) for key, field in definition["properties"].items()}
    return {**{key: value for key, value in definition.items() if key != "required"}, "properties": fields}


def _loosened(definitions: Json, field: Json) -> Json:
    if "$ref" in field:
        name = field["$ref"].removeprefix(_REF)
        if f"{name}Partial" not in definitions:
            definitions[f"{name}Partial"] = _partial(definitions, definitions[name])
        reference = [{"$ref": f"{_REF}{name}Reference"}] if name in ENTITIES else []
        about = {key: value for key, value in field.items() if key != "$ref"}
        return {**about, "anyOf": [{"$ref": f"{_REF}{name}Partial"}, *reference]}
    if "anyOf" in field and "unit" not in field:
        return {**field, "anyOf": [_loosened(definitions, option) for option in field["anyOf"]]}
    return _with_references(field) if field.get("type") == "array" else field


def _with_references(node: Any) -> Any:
    """`node` with every place for an entity open to a reference too."""
    if isinstance(node, list):
        return [_with_references(item) for item in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).removeprefix(_REF)
    if name in ENTITIES:
        about = {key: value for key, value in node.items() if key != "$ref"}
        return {**about, "anyOf": [{"$ref": _REF + name}, {"$ref": f"{_REF}{name}Reference"}]}
    return {key: _with_references(value) for key, value in node.items()}


def _tidied(node: Any) -> Any:
    """`node` without generated titles and section defaults; fields that await an equation say so."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _tidied(field) for name, field in value.items()}
        if key in ("properties", "$defs")
        else _tidied(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and isinstance(value, dict))
    }
