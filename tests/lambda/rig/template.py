"""The template as data."""

from pathlib import Path
from typing import Any

import yaml

from rig.build import ROOT


class _Loader(yaml.SafeLoader):
    pass


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """`!Ref x` as {"Ref": x}, `!Sub x` as {"Fn::Sub": x}, as CloudFormation reads them."""
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def load(path: Path = ROOT / "infra" / "template.yaml") -> dict[str, Any]:
    return yaml.load(path.read_text(), _Loader)


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Properties of all resources of a type, by logical name."""
    found = template["Resources"].items()
    return {name: entry["Properties"] for name, entry in found if entry["Type"] == kind}


def walk(value: Any):
    """Every value below, the value itself included."""
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from walk(child)
