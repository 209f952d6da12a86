"""What must be so in the template whatever it is deployed on: code and template agree."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from samtranslator.translator.transform import transform

from rig import build
from rig.template import load, of_type, walk

TEMPLATE = load()
INFRA = build.ROOT / "infra"


@pytest.mark.parametrize("file", ["template.yaml", "waf.yaml"])
def test_it_is_clean(file):
    done = subprocess.run(["cfn-lint", INFRA / file, "--regions", "us-east-1"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def functions() -> dict[str, dict]:
    """Properties of functions by the name of their folder."""
    found = of_type(TEMPLATE, "AWS::Serverless::Function").values()
    return {entry["CodeUri"].split("/")[3]: entry for entry in found}


def logical(folder: str) -> str:
    [name] = [
        name
        for name, entry in of_type(TEMPLATE, "AWS::Serverless::Function").items()
        if entry["CodeUri"].split("/")[3] == folder
    ]
    return name


def test_every_function_is_deployed_with_its_log_and_nothing_else_is():
    assert sorted(functions()) == build.function_names()
    logs = {entry["LogGroupName"]["Fn::Sub"] for entry in of_type(TEMPLATE, "AWS::Logs::LogGroup").values()}
    for folder, entry in functions().items():
        assert entry["FunctionName"]["Fn::Sub"] == f"argus-${{Stage}}-{folder}"
        assert f"/aws/lambda/argus-${{Stage}}-{folder}" in logs
    assert all("RetentionInDays" in entry for entry in of_type(TEMPLATE, "AWS::Logs::LogGroup").values())


@pytest.mark.parametrize("folder", build.function_names())
def test_one_function_deployed_alone_is_as_large(folder):
    """`cargo lambda deploy` reads memory and time from the manifest."""
    manifest = tomllib.loads((build.ROOT / "functions" / folder / "Cargo.toml").read_text())
    alone = manifest["package"]["metadata"]["lambda"]["deploy"]
    default = TEMPLATE["Globals"]["Function"]
    together = functions()[folder]
    assert alone["memory"] == together.get("MemorySize", default["MemorySize"])
    assert alone["timeout"] == together.get("Timeout", default["Timeout"])


def test_every_route_reaches_a_function_that_may_be_called():
    integrations = of_type(TEMPLATE, "AWS::ApiGatewayV2::Integration")
    permitted = {
        entry["FunctionName"]["Ref"]
        for entry in of_type(TEMPLATE, "AWS::Lambda::Permission").values()
        if entry["Principal"] == "apigateway.amazonaws.com"
    }
    used, keys = set(), []
    for route in of_type(TEMPLATE, "AWS::ApiGatewayV2::Route").values():
        integration = re.fullmatch(r"integrations/\$\{(\w+)\}", route["Target"]["Fn::Sub"])[1]
        used.add(integration)
        keys.append(route["RouteKey"])
        assert integrations[integration]["IntegrationUri"]["Fn::GetAtt"].split(".")[0] in permitted
    assert used == set(integrations), "an integration that no route uses"
    assert len(keys) == len(set(keys)), "a route twice"


def test_every_schedule_may_call_its_function():
    permitted = {
        (entry["FunctionName"]["Ref"], entry["SourceArn"]["Fn::GetAtt"].split(".")[0])
        for entry in of_type(TEMPLATE, "AWS::Lambda::Permission").values()
        if entry["Principal"] == "events.amazonaws.com"
    }
    wanted = {
        (target["Arn"]["Fn::GetAtt"].split(".")[0], rule)
        for rule, entry in of_type(TEMPLATE, "AWS::Events::Rule").items()
        for target in entry["Targets"]
    }
    assert wanted == permitted


def behaviours() -> list[dict]:
    [distribution] = of_type(TEMPLATE, "AWS::CloudFront::Distribution").values()
    return distribution["DistributionConfig"]["CacheBehaviors"]


def test_the_front_door_leads_every_route_to_the_api_and_the_stream_to_its_own():
    patterns = [(entry["PathPattern"], entry["TargetOriginId"]) for entry in behaviours()]
    assert patterns[0] == ("/api/sse", "stream"), "the first that matches wins"

    def origin(path: str) -> str:
        for pattern, target in patterns:
            if re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), path):
                return target
        return "site"

    for route in of_type(TEMPLATE, "AWS::ApiGatewayV2::Route").values():
        assert origin(route["RouteKey"].split()[1]) == "api", route["RouteKey"]
    assert (origin("/"), origin("/batches/x"), origin("/apiary")) == ("site", "site", "site")


def test_nothing_a_function_answers_is_kept_at_the_edge():
    disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    for entry in behaviours():
        assert entry["CachePolicyId"] == disabled, entry["PathPattern"]
        assert entry["ViewerProtocolPolicy"] == "https-only"
        [function] = entry["FunctionAssociations"]
        assert function["FunctionARN"]["Fn::GetAtt"].startswith("WhoAsks.")


def test_the_page_has_the_same_rules_here_and_on_one_machine():
    source = (build.ROOT / "localstack" / "server" / "src" / "assets.rs").read_text()
    local = re.sub(r"\\\n\s*", "", re.search(r'const CSP: &str = "(.*?)";', source, re.S)[1])
    policy = TEMPLATE["Resources"]["SiteHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    edge = policy["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    # Files lie elsewhere here: the bucket, and only it, is added.
    assert edge.replace(" https://${Bucket.RegionalDomainName}", "") == local


def run_at_the_edge(name: str, request: dict) -> dict:
    code = TEMPLATE["Resources"][name]["Properties"]["FunctionCode"]
    event = json.dumps({"viewer": {"ip": "198.51.100.7"}, "request": request})
    script = f"{code}\nconsole.log(JSON.stringify(handler({event})));"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("/", "/index.html"),
        ("/batches/run-1.2", "/index.html"),
        ("/projects/a.b/c", "/index.html"),
        ("/assets/app-1a2b.js", "/assets/app-1a2b.js"),
        ("/assets/deep/font.woff2", "/assets/deep/font.woff2"),
        ("/favicon.svg", "/favicon.svg"),
    ],
)
def test_pages_and_files(asked, served):
    assert run_at_the_edge("SitePages", {"uri": asked})["uri"] == served


def test_who_asks_cannot_be_forged():
    forged = {"x-argus-client": {"value": "203.0.113.9"}, "x-argus-authorization": {"value": "Bearer stolen"}}
    headers = run_at_the_edge("WhoAsks", {"uri": "/api/x", "headers": dict(forged)})["headers"]
    assert headers == {"x-argus-client": {"value": "198.51.100.7"}}
    own = {**forged, "authorization": {"value": "Bearer mine"}}
    headers = run_at_the_edge("WhoAsks", {"uri": "/api/x", "headers": own})["headers"]
    assert headers["x-argus-authorization"] == {"value": "Bearer mine"}


def test_every_parameter_and_condition_is_used():
    text = (INFRA / "template.yaml").read_text()
    for name in TEMPLATE["Parameters"]:
        assert re.search(rf"!Ref {name}\b|\$\{{{name}\}}", text), name
    for name in TEMPLATE["Conditions"]:
        uses = re.findall(rf"!If \[{name},|- {name}\n|Condition {name}\b|Condition: {name}\n", text)
        assert uses, name


@pytest.mark.parametrize("file", sorted((INFRA / "params").glob("*.toml")), ids=lambda path: path.stem)
def test_stages_set_what_exists(file: Path):
    # What is commented out is an example, and has to be right as well.
    text = re.sub(r'(?m)^# (?=\w+ = (?:".*"|\d+|true|false)$)', "", file.read_text())
    assert set(tomllib.loads(text)) <= {*TEMPLATE["Parameters"], "Firewall"}


def test_sam_itself_makes_resources_of_it(monkeypatch):
    """What `sam validate` does, without an account."""

    class Offline:
        def load(self) -> dict[str, str]:
            return {}

    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    document = json.loads(json.dumps(TEMPLATE))
    # Packaging replaces these by where it uploaded them.
    for entry in of_type(document, "AWS::Serverless::Function").values():
        entry["CodeUri"] = f"s3://{entry['CodeUri'].removeprefix('../')}"
    made = transform(document, {}, Offline())
    kinds = [entry["Type"] for entry in made["Resources"].values()]
    assert kinds.count("AWS::Lambda::Function") == len(build.function_names())
    assert not [kind for kind in kinds if kind.startswith("AWS::Serverless::")]


#: Metrics that AWS itself gives of what we deploy, free of charge.
GIVEN = {
    "AWS/ApiGateway": {"Count", "4xx", "5xx", "Latency"},
    "AWS/Lambda": {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"},
    "AWS/DynamoDB": {
        "ConsumedWriteCapacityUnits",
        "ConsumedReadCapacityUnits",
        "WriteThrottleEvents",
        "ReadThrottleEvents",
    },
    "AWS/SES": {"Reputation.BounceRate"},
}


def widgets(figures: bool) -> list[dict]:
    [board] = of_type(TEMPLATE, "AWS::CloudWatch::Dashboard").values()
    body, parts = board["DashboardBody"]["Fn::Sub"]
    condition, own, none = parts["Own"]["Fn::If"]
    assert condition == "HasFigures"
    return json.loads(body.replace("${Own}", own["Fn::Sub"] if figures else none))["widgets"]


def test_alarms_look_at_what_is_measured_without_being_paid_for():
    alarms = of_type(TEMPLATE, "AWS::CloudWatch::Alarm").values()
    looked = [(value["Namespace"], value["MetricName"]) for alarm in alarms for value in walk(alarm)
              if isinstance(value, dict) and "MetricName" in value]  # fmt: skip
    assert len(looked) >= 8
    for namespace, metric in looked:
        assert metric in GIVEN[namespace], (namespace, metric)


def test_the_dashboard_shows_what_is_measured():
    code = (build.ROOT / "shared" / "runtime" / "src" / "meter.rs").read_text()
    names = dict(re.findall(r'pub const (\w+): &str = "(argus_\w+)";', code))
    counted = re.findall(r'counter!\((\w+), ((?:"\w+" => \w+(?:, )?)+)\)', code)
    ours = {(names[constant], frozenset(re.findall(r'"(\w+)" =>', labels))) for constant, labels in counted}
    for figures in (False, True):
        searched = set()
        for widget in widgets(figures):
            last = None
            for line in widget["properties"]["metrics"]:
                if isinstance(line[0], dict):
                    found = re.match(r"SEARCH\('\{Argus,function,([\w,]+)\} MetricName=\"(\w+)\"'", line[0]["expression"])
                    searched.add((found[2], frozenset(found[1].split(","))))
                elif line[0] != "...":
                    last = line[0] if line[0] != "." else last
                    assert line[1] in GIVEN[last], line
        assert searched <= ours, searched - ours
        # Where nobody pays for our figures, no widget waits for them.
        assert bool(searched) == figures


#: How an action is called in our code; a presigned address is judged as its call.
CALLS = {
    "s3:ListBucket": ".list_objects_v2()",
    "ses:SendEmail": "/v2/email/outbound-emails",
}


def test_every_action_allowed_is_called_somewhere():
    sources = [*(build.ROOT / "shared").glob("*/src/**/*.rs"), *(build.ROOT / "functions").glob("*/src/**/*.rs")]
    code = "".join(path.read_text() for path in sources)
    allowed = set()
    for entry in functions().values():
        for value in walk(entry["Policies"]):
            if isinstance(value, dict) and "Action" in value:
                actions = value["Action"]
                allowed.update([actions] if isinstance(actions, str) else actions)
    assert "dynamodb:Scan" not in allowed and not [action for action in allowed if "*" in action]
    for action in sorted(allowed):
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", action.split(":")[1]).lower()
        assert CALLS.get(action, f".{snake}()") in code, action
