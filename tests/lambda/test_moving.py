"""Everything moves from the cloud to one machine and back to another cloud, byte by byte."""

import hashlib
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from conftest import Account
from rig import build, cloud, events, http

LOCAL = build.ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "argus-local"


def local(emulator: cloud.Cloud, *words: object) -> None:
    env = {
        "PATH": "/usr/bin:/bin",
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_REGION": cloud.REGION,
        **emulator.root,
    }
    done = subprocess.run([LOCAL, *map(str, words)], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def rows(file: Path) -> int:
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.endswith(".jsonl")]
        return sum(archive.read(name).count(b"\n") for name in names)


@pytest.mark.skipif(not LOCAL.exists(), reason="argus-local is not built")
def test_what_leaves_the_cloud_comes_back_the_same(
    emulator: cloud.Cloud, stack: cloud.Stack, api: http.Door, account: Account, batch: str, tmp_path: Path
) -> None:
    points = [events.event("job_epoch", batch, "j1", epoch=i, val_loss=1 / (i + 1)) for i in range(20)]
    api.post("/api/events/batch", {"events": points}, account.token).expect(200)
    place = ["--aws", "--table", stack.table, "--bucket", stack.bucket]
    first, again, third = (tmp_path / name for name in ("cloud.zip", "machine.zip", "second-cloud.zip"))
    local(emulator, "export", first, *place)
    assert rows(first) > 10
    local(emulator, "import", first, "--data", tmp_path / "data")
    local(emulator, "export", again, "--data", tmp_path / "data")
    assert digest(again) == digest(first)

    table, bucket = "argus-moved", "argus-moved"
    like = emulator.client("dynamodb").describe_table(TableName=stack.table)["Table"]
    emulator.client("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=like["KeySchema"],
        AttributeDefinitions=like["AttributeDefinitions"],
        GlobalSecondaryIndexes=[
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in like["GlobalSecondaryIndexes"]
        ],
    )
    emulator.client("s3").create_bucket(Bucket=bucket)
    moved = ["--aws", "--table", table, "--bucket", bucket]
    local(emulator, "import", again, *moved)
    local(emulator, "export", third, *moved)
    assert digest(third) == digest(first)

