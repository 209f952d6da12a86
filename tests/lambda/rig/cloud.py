"""The emulated cloud: ministack with IAM enforced, and the stack deployed on it."""

import os
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from rig.build import ROOT
from rig.children import Child, free_port

REGION = "us-east-1"
STAGE = "e2e"
#: Long enough for the emulator, which delivers a stream only when it has ended.
DEPLOYED_STREAM_SECONDS = 3
#: SES sends for this one.
MAIL_DOMAIN = "mail.example.org"


class Cloud:
    """A running emulator. `root` are the credentials that may do everything."""

    root = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

    def __init__(self, home: Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # Functions inherit the emulator's whole environment: give it next to none.
        env = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(home),
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
        }
        self._child = Child([shutil.which("ministack")], env, home, home / "ministack.log")
        self._child.wait_for(self._healthy, 30)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def client(self, service: str, credentials: dict[str, str] | None = None):
        keys = credentials or self.root
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
        )

    def function(self, name: str) -> dict:
        """Configuration of a deployed function."""
        return self.client("lambda").get_function_configuration(FunctionName=f"argus-{STAGE}-{name}")

    def role_of(self, name: str) -> str:
        """Name of a function's role."""
        return self.function(name)["Role"].rsplit("/", 1)[1]

    def credentials_of(self, name: str) -> dict[str, str]:
        """Credentials with the permissions of a function's role."""
        answer = self.client("sts").assume_role(RoleArn=self.function(name)["Role"], RoleSessionName=name)
        found = answer["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
            "AWS_SESSION_TOKEN": found["SessionToken"],
        }

    def settings_of(self, name: str) -> dict[str, str]:
        """Environment of a deployed function, with the way to this cloud."""
        settings = self.function(name)["Environment"]["Variables"]
        return {**settings, "AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION}

    def tail(self) -> str:
        return self._child.tail()

    def stop(self) -> None:
        self._child.stop()


@dataclass(frozen=True)
class Stack:
    """What the deployment gave."""

    host: str
    api_id: str
    stream_url: str
    table: str
    bucket: str
    site: str


def deploy(cloud: Cloud, staged: Path) -> Stack:
    """Runs infra/deploy.sh as a person would, against the emulator."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(staged),
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        **cloud.root,
        "STAGE": STAGE,
        "TEMPLATE": str(staged / "infra" / "template.yaml"),
        "PARAMETERS": f"StreamMaxSeconds={DEPLOYED_STREAM_SECONDS} EmulatorPort={cloud.port} MailIdentity={MAIL_DOMAIN}"
        f" MailFrom=argus@{MAIL_DOMAIN} SweepMinutes=60 AlarmEmail=ops@{MAIL_DOMAIN}",
        "SITE": str(staged / "site"),
    }
    script = ROOT / "infra" / "deploy.sh"
    done = subprocess.run([script], env=env, capture_output=True, text=True, timeout=240)
    if done.returncode:
        raise RuntimeError(f"deploy.sh failed\n{done.stdout}\n{done.stderr}\n{cloud.tail()}")
    found = cloud.client("cloudformation").describe_stacks(StackName=f"argus-{STAGE}")
    outputs = {o["OutputKey"]: o["OutputValue"] for o in found["Stacks"][0]["Outputs"]}
    return Stack(
        urlsplit(outputs["Url"]).netloc,
        outputs["ApiId"],
        outputs["StreamUrl"],
        outputs["TableName"],
        outputs["BucketName"],
        outputs["SiteBucketName"],
    )
