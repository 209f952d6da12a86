"""Template parameters of a stage, for `aws cloudformation deploy`: params.py FILE [Name=value...]

Prints a JSON list of "Name=value" from the TOML file, if there is one, and the pairs; later ones
win, and those without a value are left out, so that the last deployment's stays. `Firewall` is no
parameter of the template but asks for waf.yaml; `--firewall` prints whether it is on. Keys come by
the environment, KEY_<Name>, because arguments can be read by everybody on the machine.
"""

import json
import os
import sys
import tomllib
from pathlib import Path


def of_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    found = {}
    for name, value in tomllib.loads(path.read_text()).items():
        if not isinstance(value, (str, int, bool)):
            raise SystemExit(f"params: {path}: {name} must be a text, a number or true/false")
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def main() -> None:
    path, *words = sys.argv[1:]
    found = of_file(Path(path))
    firewall = found.pop("Firewall", "false")
    if words == ["--firewall"]:
        print(firewall)
        return
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise SystemExit(f"params: {word!r} is not Name=value")
        if value:
            found[name] = value
    for name, value in os.environ.items():
        if name.startswith("KEY_") and value:
            found[name.removeprefix("KEY_")] = value
    print(json.dumps([f"{name}={value}" for name, value in found.items() if value]))


main()
