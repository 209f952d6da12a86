"""The front door: one name, who asks, and what is at home where."""

import json

import pytest

from rig import http


@pytest.mark.parametrize("path", ["/", "/batches", "/projects/my.project", "/login?next=%2Fadmin"])
def test_any_page_is_the_page(api, path):
    answer = api.get(path)
    assert answer.status == 200 and b"app-1a2b.js" in answer.body
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/html")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_files_are_kept_by_browsers_as_long_as_their_names_say(api):
    named = api.get("/assets/app-1a2b.js")
    assert named.status == 200 and named.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in named.headers["content-type"]
    plain = api.get("/favicon.svg")
    assert plain.status == 200 and plain.headers["cache-control"] == "no-cache"
    assert api.get("/assets/gone-0000.js").status in (403, 404)


def test_nobody_speaks_plain_http(emulator, stack):
    plain = http.Door(emulator.port, stack.host)
    assert plain.get("/").status == 301
    assert plain.get("/api/batches").status == 403


def test_the_bucket_of_the_page_is_private(emulator, stack):
    block = emulator.client("s3").get_public_access_block(Bucket=stack.site)
    assert all(block["PublicAccessBlockConfiguration"].values())
    policy = json.loads(emulator.client("s3").get_bucket_policy(Bucket=stack.site)["Policy"])
    [allow] = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    assert allow["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "distribution/" in allow["Condition"]["StringEquals"]["AWS:SourceArn"]


def test_nobody_comes_round_the_door(emulator, stack, api, account, door_secret):
    back = http.api_door(emulator.port, stack.api_id)
    refusal = back.get("/api/batches", account.jwt)
    assert refusal.expect(403)["code"] == "front_door_required"
    assert refusal.headers["x-request-id"]
    guess = {"x-argus-door": "0" * 64, "x-argus-client": "203.0.113.9"}
    assert back.get("/api/batches", account.jwt, headers=guess).status == 403
    # Who has the secret is the door, and hands the credential on in its own header.
    passed = {"x-argus-door": door_secret, "x-argus-authorization": f"Bearer {account.jwt}"}
    assert back.get("/api/batches", headers=passed).status == 200
    assert len(door_secret) == 64


def test_the_client_is_whom_the_door_saw(emulator, stack, api, account, door_secret):
    """Whatever a client writes into the headers of the door, its own address is kept."""
    person = {"username_or_email": account.name, "password": account.password}

    def seen_after_login(door: http.Door, headers: dict[str, str]) -> str:
        answer = door.call("POST", "/api/auth/login", body=person, headers=headers)
        jwt = answer.expect(200)["access_token"]
        sessions = api.get("/api/auth/sessions", jwt).expect(200)
        [mine] = [session for session in sessions if session["is_current"]]
        assert api.post("/api/auth/logout", {}, jwt).status == 200
        return mine["ip"]

    forged = {"x-argus-client": "203.0.113.9", "X-Forwarded-For": "203.0.113.9"}
    assert seen_after_login(api, forged) == "127.0.0.1"
    back = http.api_door(emulator.port, stack.api_id)
    told = {"x-argus-door": door_secret, "x-argus-client": "2001:db8::7"}
    assert seen_after_login(back, told) == "2001:db8::7"


def test_the_stream_has_no_other_way_in(emulator, stack, account):
    assert http.url_door(emulator.port, stack.stream_url).get("/api/sse", account.jwt).status == 403
