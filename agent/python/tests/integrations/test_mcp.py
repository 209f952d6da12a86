"""`argus mcp` with the official client of the protocol."""

import json
import os

import pytest

pytest.importorskip("mcp", reason="the MCP client is not installed")
anyio = pytest.importorskip("anyio", reason="the MCP client is not installed")

from mcp import ClientSession, StdioServerParameters  # noqa: E402
from mcp.client.stdio import stdio_client  # noqa: E402
from test_cli import BINARY  # noqa: E402

from argus import Reporter  # noqa: E402


def ask(*calls, arguments=("mcp",)):
    """Introduces itself, lists the tools, calls some; returns their names and the answers."""

    async def talk():
        server = StdioServerParameters(command=BINARY, args=list(arguments), env=dict(os.environ))
        async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
            hello = await session.initialize()
            name = getattr(hello, "server_info", None) or hello.serverInfo
            assert name.name == "argus"
            tools = await session.list_tools()
            answers = [await session.call_tool(tool, given) for tool, given in calls]
            return {tool.name for tool in tools.tools}, answers

    return anyio.run(talk)


def said(answer):
    failed = answer.is_error if hasattr(answer, "is_error") else answer.isError
    return failed, answer.content[0].text


@pytest.fixture
def batch(site):
    with Reporter("mcp", source_project=site.project, stop_polling=False, heartbeat=False, resource_snapshot=False) as r:
        with r.job("j1", model="net") as job:
            for epoch in range(3):
                job.epoch(epoch, train_loss=1 / (epoch + 1))
            job.log("it learns")
            job.metrics({"acc": 0.5})
    return site.batch()["id"]


def test_an_assistant_reads_runs(site, batch):
    tools, answers = ask(
        ("list_runs", {"project": site.project}),
        ("get_metrics", {"run": batch, "job": "j1"}),
        ("get_logs", {"run": batch, "text": "learns"}),
        ("list_jobs", {"run": batch}),
        ("get_run", {"run": "no-such-run"}),
        ("stop_run", {"run": batch}),
    )
    assert {"list_runs", "get_metrics", "compare_runs"} <= tools
    assert "stop_run" not in tools
    told = [said(answer) for answer in answers]
    assert [failed for failed, _ in told] == [False, False, False, False, True, True]
    assert [run["id"] for run in json.loads(told[0][1])] == [batch]
    assert [point["train_loss"] for point in json.loads(told[1][1])] == pytest.approx([1, 1 / 2, 1 / 3])
    assert json.loads(told[2][1])[0]["line"] == "it learns"


def test_an_assistant_stops_runs_only_where_it_was_allowed(site, batch):
    tools, answers = ask(("stop_run", {"run": batch, "reason": "enough"}), arguments=("mcp", "--allow-write"))
    assert {"stop_run", "rerun"} <= tools
    failed, text = said(answers[0])
    assert (failed, json.loads(text)["status"]) == (False, "done")
