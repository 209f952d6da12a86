//! The access table of hosts, agents and watchdogs. Agents have tokens of their own, which no caller of
//! the table has: `agents.rs` of the function's tests asks with those.

use crate::row::*;
use serde_json::{Value, json};

/// What no credential of a person opens.
const AGENTS_ONLY: Gets = Refused(401, "agent_token_prefix");
const AT_WORK: Gets = Refused(409, "rerun_active");
const NO_AGENT: Gets = Refused(404, "agent_not_found");

const fn of_agent(operation: &'static str, path: &'static str, body: fn() -> Value) -> Row {
    Row {
        body,
        anonymous: Refused(401, "agent_token_required"),
        owner_session: AGENTS_ONLY,
        owner_reporter: AGENTS_ONLY,
        owner_viewer: AGENTS_ONLY,
        stranger: AGENTS_ONLY,
        admin: AGENTS_ONLY,
        ..public(operation, path)
    }
}

/// An agent nobody has registered.
const fn no_agent(operation: &'static str, body: fn() -> Value) -> Row {
    Row {
        body,
        owner_session: NO_AGENT,
        owner_reporter: NO_AGENT,
        stranger: NO_AGENT,
        admin: NO_AGENT,
        ..own_write(operation, "/api/agents/agent-000000000000")
    }
}

/// A watchdog nobody has, on a host the owner knows.
const fn no_dog(operation: &'static str, path: &'static str, body: fn() -> Value) -> Row {
    Row {
        stranger: HIDDEN_HOST,
        body,
        owner_session: NO_AGENT,
        owner_reporter: NO_AGENT,
        admin: NO_AGENT,
        ..own_write(operation, path)
    }
}

pub const HOST_ROWS: &[Row] = &[
    own("GET /api/hosts", "/api/hosts"),
    own("GET /api/resources", "/api/resources?host=vm"),
    own("GET /api/resources/hosts", "/api/resources/hosts"),
    read(
        "GET /api/hosts/{host}/timeseries",
        "/api/hosts/vm/timeseries",
        HIDDEN_HOST,
    ),
    read(
        "GET /api/hosts/{host}/rate",
        "/api/hosts/vm/rate",
        HIDDEN_HOST,
    ),
    Row {
        stranger: HIDDEN_HOST,
        body: || json!({"hourly_usd": 2.5}),
        ..own_write("PUT /api/hosts/{host}/rate", "/api/hosts/vm/rate")
    },
    // The host has just reported, which only an administrator gets to hear.
    Row {
        owner_session: ADMIN,
        owner_reporter: ADMIN,
        stranger: ADMIN,
        ..own_write("DELETE /api/hosts/{host}", "/api/hosts/vm")
    },
    own("GET /api/agents", "/api/agents"),
    Row {
        body: || json!({"hostname": "vm"}),
        ..own_write("POST /api/agents/register", "/api/agents/register")
    },
    no_agent("PATCH /api/agents/{agent_id}", || json!({"label": "box"})),
    no_agent("DELETE /api/agents/{agent_id}", nothing),
    of_agent(
        "GET /api/agents/{agent_id}/jobs",
        "/api/agents/agent-1/jobs",
        nothing,
    ),
    of_agent(
        "POST /api/agents/{agent_id}/jobs/{cmd_id}/ack",
        "/api/agents/agent-1/jobs/c/ack",
        || json!({"status": "started"}),
    ),
    of_agent(
        "POST /api/agents/{agent_id}/jobs/{cmd_id}/exit",
        "/api/agents/agent-1/jobs/c/exit",
        || json!({"reason": "exited", "exit_code": 0}),
    ),
    of_agent(
        "POST /api/agents/{agent_id}/heartbeat",
        "/api/agents/agent-1/heartbeat",
        || json!({}),
    ),
    of_agent(
        "POST /api/watchdog/reports",
        "/api/watchdog/reports",
        || json!({"host": "vm", "items": []}),
    ),
    of_agent(
        "POST /api/watchdog/heartbeat",
        "/api/watchdog/heartbeat",
        || json!({"host": "vm", "version": "1", "mode": "live"}),
    ),
    of_agent("GET /api/watchdog/policy", "/api/watchdog/policy", nothing),
    own("GET /api/watchdogs", "/api/watchdogs"),
    read(
        "GET /api/hosts/{host}/watchdog",
        "/api/hosts/vm/watchdog",
        HIDDEN_HOST,
    ),
    read(
        "GET /api/hosts/{host}/watchdog/records",
        "/api/hosts/vm/watchdog/records",
        HIDDEN_HOST,
    ),
    no_dog(
        "PUT /api/hosts/{host}/watchdog/policy",
        "/api/hosts/vm/watchdog/policy",
        || json!({"agent_id": "agent-000000000000"}),
    ),
    no_dog(
        "POST /api/hosts/{host}/watchdog/asks",
        "/api/hosts/vm/watchdog/asks",
        || json!({"agent_id": "agent-000000000000", "digest": "d", "verdict": "allow"}),
    ),
    // It is at work, which only those who may rerun it get to hear.
    Row {
        owner_session: AT_WORK,
        owner_reporter: AT_WORK,
        admin: AT_WORK,
        ..act(
            "POST /api/batches/{batch_id}/rerun",
            "/api/batches/b/rerun",
            || json!({}),
        )
    },
    read(
        "GET /api/batches/{batch_id}/rerun-info",
        "/api/batches/b/rerun-info",
        HIDDEN,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}/incidents",
        "/api/jobs/b/j/incidents",
        HIDDEN,
    ),
];
