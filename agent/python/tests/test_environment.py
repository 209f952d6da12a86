"""What a run ran in: read aside, compared between runs."""

import json

SCRIPT = """
    import importlib.metadata, json, re, time
    import argus
    begun = time.perf_counter()
    batch = argus.Reporter("env", heartbeat=False, resource_snapshot=False)
    took = time.perf_counter() - begun
    with batch:
        pass
    named = {}
    for package in importlib.metadata.distributions():
        name = re.sub("[-_.]+", "-", package.metadata["Name"]).lower()
        named.setdefault(name, package.version)
    print(json.dumps({"batch": batch.batch_id, "packages": named, "took": took}))
"""


def test_packages_of_a_run_can_be_compared(lab):
    said = json.loads(lab.run(SCRIPT, ARGUS_ENV_SNAPSHOT="1"))
    again = json.loads(lab.run(SCRIPT, ARGUS_ENV_SNAPSHOT="1"))
    lab.replay()
    first, second = (lab.get(f"/api/batches/{told['batch']}")["env_snapshot"] for told in (said, again))
    assert first["pip_freeze"] == [f"{name}=={version}" for name, version in sorted(said["packages"].items())]
    assert first["package_count"] == len(said["packages"]) > 0
    assert first["package_digest"] == second["package_digest"] and len(first["package_digest"]) == 64
    assert first["python_version"] and "sys_path" not in first
