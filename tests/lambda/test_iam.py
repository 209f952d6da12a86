"""Each function may do what its code does, and is refused the rest."""

import json

import pytest
from botocore.exceptions import ClientError

from rig import build, events

KEY = {"pk": {"S": "nobody"}, "sk": {"S": "nothing"}}
ITEM = {**KEY, "ttl": {"N": "1"}}


def refused(call, **arguments) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    return False


@pytest.mark.parametrize("function", build.function_names())
def test_no_role_does_more_than_items_of_the_table(emulator, stack, function):
    credentials = emulator.credentials_of(function)
    table = emulator.client("dynamodb", credentials)
    assert "Item" not in table.get_item(TableName=stack.table, Key=KEY)
    assert refused(table.scan, TableName=stack.table)
    assert refused(table.scan, TableName=stack.table, IndexName="gsi1")
    assert refused(table.delete_table, TableName=stack.table)
    assert refused(table.get_item, TableName="somebody-elses", Key=KEY)
    # Only the sweep looks for objects nobody points at, by itself or asked by an administrator.
    if function not in ("cron-retention", "api-admin"):
        assert refused(emulator.client("s3", credentials).list_objects_v2, Bucket=stack.bucket)
    assert refused(emulator.client("iam", credentials).list_roles)


def test_the_stream_cannot_write(emulator, stack):
    table = emulator.client("dynamodb", emulator.credentials_of("sse-events"))
    assert refused(table.put_item, TableName=stack.table, Item=ITEM)
    assert refused(table.delete_item, TableName=stack.table, Key=KEY)


def test_without_its_policy_a_function_fails(emulator, api, account, batch):
    """Proof that the emulator asks the policies at all, in the function's own process."""
    iam = emulator.client("iam")
    role = emulator.role_of("api-batches")
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    path = f"/api/batches/{batch}/jobs"
    assert api.get(path, account.jwt).status == 200
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        answer = api.get(path, account.jwt)
        assert answer.status >= 500 and answer.json()["code"]
        # Nobody else's permission went with it.
        assert api.post("/api/events", events.epoch(batch, "j1", 0), account.token).status == 200
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
    assert api.get(path, account.jwt).status == 200
