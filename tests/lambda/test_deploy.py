"""What stands after a deployment."""

from rig import build, cloud


def test_table_and_bucket(emulator, stack):
    client = emulator.client("dynamodb")
    table = client.describe_table(TableName=stack.table)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert {(i["IndexName"], i["Projection"]["ProjectionType"]) for i in table["GlobalSecondaryIndexes"]} == {
        ("gsi1", "KEYS_ONLY"),
        ("gsi2", "KEYS_ONLY"),
    }
    # The emulator ignores TimeToLiveSpecification and backups of a template: nothing to see here.
    block = emulator.client("s3").get_public_access_block(Bucket=stack.bucket)
    assert all(block["PublicAccessBlockConfiguration"].values())


def test_logs_do_not_pile_up(emulator, stack):
    groups = emulator.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/argus-{cloud.STAGE}-")
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups["logGroups"]}
    assert kept == {f"/aws/lambda/argus-{cloud.STAGE}-{name}": 30 for name in build.function_names()}


def test_a_second_deployment_keeps_the_session_key(emulator, stack, home):
    before = emulator.settings_of("api-auth")["ARGUS_JWT_SECRET"]
    assert len(before) == 64
    assert cloud.deploy(emulator, home / "staged") == stack
    assert emulator.settings_of("api-auth")["ARGUS_JWT_SECRET"] == before
