"""Asks what Argus is made of, without a network: check.py [--sbom FILE]

Rust: licences, banned crates and sources by deny.toml. Web UI: every package comes from the registry with
a checksum. `--sbom` writes a CycloneDX bill of materials of both. Advisories need a network; where it
reaches the databases, `cargo deny check advisories` and `npm audit` run in CI.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NPM = "https://registry.npmjs.org/"
TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]


def allowed(expression: str, names: set[str]) -> bool:
    """Whether an SPDX expression can be met by the names; `/` is an old way to write OR."""
    words = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def either() -> bool:
        met = both()
        while words and words[0] == "OR":
            words.pop(0)
            met = both() or met
        return met

    def both() -> bool:
        met = one()
        while words and words[0] == "AND":
            words.pop(0)
            met = one() and met
        return met

    def one() -> bool:
        word = words.pop(0)
        if word == "(":
            met = either()
            words.pop(0)
            return met
        if words and words[0] == "WITH":
            words.pop(0)
            word = f"{word} WITH {words.pop(0)}"
        return word in names

    return either()


def crates() -> list[dict]:
    """Every package of the lock file that is built for a target we ship."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    command += [word for target in TARGETS for word in ("--filter-platform", target)]
    for offline in (["--offline"], []):
        done = subprocess.run([*command, *offline], cwd=ROOT, capture_output=True, text=True)
        if done.returncode == 0:
            break
    else:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout)
    built = {node["id"] for node in found["resolve"]["nodes"]}
    return [package for package in found["packages"] if package["id"] in built]


def problems_of_crates(packages: list[dict]) -> list[str]:
    rules = tomllib.loads((HERE / "deny.toml").read_text())
    names = set(rules["licenses"]["allow"])
    banned = {entry["crate"]: entry["reason"] for entry in rules["bans"]["deny"]}
    found = []
    for package in packages:
        what = f"{package['name']} {package['version']}"
        source = package["source"]
        if not package["license"] or not allowed(package["license"], names):
            found.append(f"{what}: licence {package['license']}")
        if package["name"] in banned:
            found.append(f"{what}: {banned[package['name']]}")
        if source and source != "registry+https://github.com/rust-lang/crates.io-index":
            found.append(f"{what}: comes from {source}")
    return found


def modules() -> dict[str, dict]:
    """Packages of the web UI's lock file by path."""
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    return {path: entry for path, entry in lock["packages"].items() if path and not entry.get("link")}


def problems_of_modules(packages: dict[str, dict]) -> list[str]:
    found = []
    for path, entry in packages.items():
        if not path.startswith("node_modules/") and "/node_modules/" not in path:
            continue
        if entry.get("inBundle"):
            continue
        # A lock file may leave the address out; then it is the registry npm is set to.
        if not entry.get("resolved", NPM).startswith(NPM):
            found.append(f"{path}: comes from {entry['resolved']}")
        if not entry.get("integrity", "").startswith("sha512-"):
            found.append(f"{path}: no SHA-512")
    return found


def bill(packages: list[dict], shipped: dict[str, dict]) -> dict:
    """CycloneDX 1.5, in the order of names: the same lock files give the same bytes."""
    sums = {
        (entry["name"], entry["version"]): entry.get("checksum")
        for entry in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    }
    parts = []
    for package in packages:
        if not package["source"]:
            continue
        name, version = package["name"], package["version"]
        part = {"type": "library", "name": name, "version": version, "purl": f"pkg:cargo/{name}@{version}"}
        part["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        if sums.get((name, version)):
            part["hashes"] = [{"alg": "SHA-256", "content": sums[name, version]}]
        parts.append(part)
    for path, entry in shipped.items():
        if entry.get("dev") or "version" not in entry or "node_modules/" not in path:
            continue
        name, version = path.rsplit("node_modules/", 1)[1], entry["version"]
        part = {"type": "library", "name": name, "version": version}
        part["purl"] = f"pkg:npm/{name.replace('@', '%40')}@{version}"
        if entry.get("license"):
            part["licenses"] = [{"expression": entry["license"]}]
        parts.append(part)
    version = next(p["version"] for p in packages if p["name"] == "argus-domain")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "argus", "version": version}},
        "components": sorted(parts, key=lambda part: part["purl"]),
    }


def main() -> None:
    packages, shipped = crates(), modules()
    found = problems_of_crates(packages) + problems_of_modules(shipped)
    if sys.argv[1:2] == ["--sbom"]:
        Path(sys.argv[2]).write_text(json.dumps(bill(packages, shipped), indent=1) + "\n")
    for problem in found:
        print(f"supply: {problem}", file=sys.stderr)
    if found:
        raise SystemExit(1)
    print(f"supply: {len(packages)} crates and {len(shipped)} packages of the web UI are as agreed")


if __name__ == "__main__":
    main()
