//! Somebody with something to run again, and an agent that does it.

use crate::setup::{post, server, start};
use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::build::{epoch, event};
use test_kit::{Actor, TestApp};

/// Somebody with a finished batch on host `vm`, and their agent there.
pub struct Lab {
    pub app: TestApp,
    pub owner: Actor,
    pub agent: Agent,
}

/// An agent with its token.
pub struct Agent {
    pub id: String,
    pub actor: Actor,
}

impl Agent {
    pub fn path(&self, rest: &str) -> String {
        format!("/api/agents/{}/{rest}", self.id)
    }

    pub async fn jobs(&self) -> Vec<Value> {
        let answer = self.actor.get(&self.path("jobs")).await.ok(200);
        answer["jobs"].as_array().expect("a list").clone()
    }

    pub async fn only_job(&self) -> Value {
        let mut jobs = self.jobs().await;
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        jobs.remove(0)
    }

    pub async fn ack(&self, id: &Value, body: Value) -> test_kit::Reply {
        let path = self.path(&format!("jobs/{}/ack", id.as_str().expect("an id")));
        self.actor.post(&path, &body).await
    }

    pub async fn exit(&self, id: &Value, body: Value) -> Value {
        let path = self.path(&format!("jobs/{}/exit", id.as_str().expect("an id")));
        self.actor.post(&path, &body).await.ok(200)
    }
}

/// Registers an agent.
pub async fn register(app: &TestApp, owner: &Actor, body: Value) -> Agent {
    let made = owner.post("/api/agents/register", &body).await.ok(201);
    let token = made["agent_token"].as_str().expect("a token");
    assert!(token.starts_with("ag_live_") && token.len() == 51);
    Agent {
        id: made["agent_id"].as_str().expect("an id").to_owned(),
        actor: app.bearer(token),
    }
}

/// The stage.
pub async fn lab() -> Lab {
    let app = server().await;
    let user = app.user("alice", false).await;
    let owner = app.token(&user, TokenScope::Reporter).await;
    let env = json!({"argv": ["python", "train.py"], "cwd": "/home/alice", "env": {"SEED": "1"},
        "git": {"sha": "abc", "dirty": true}});
    let mut begin = start("b", "vm");
    begin["data"]["command"] = json!("python train.py");
    let events = [
        begin,
        event("env_snapshot", "b", None, env),
        epoch("b", "j", 0, 0.5),
        event("batch_done", "b", None, json!({})),
    ];
    post(&owner, &events).await;
    let agent = register(&app, &owner, json!({"hostname": "vm"})).await;
    Lab { app, owner, agent }
}

impl Lab {
    pub async fn rerun(&self) -> String {
        let wish = json!({"overrides": {"lr": 0.1}});
        let made = self.owner.post("/api/batches/b/rerun", &wish).await.ok(201);
        assert_eq!(
            (&made["status"], &made["source_batch_id"]),
            (&json!("requested"), &json!("b"))
        );
        made["batch_id"].as_str().expect("an id").to_owned()
    }

    pub async fn status(&self, batch: &str) -> Value {
        let path = format!("/api/batches/{batch}");
        self.owner.get(&path).await.ok(200)["status"].clone()
    }

    pub async fn stop(&self, batch: &str) -> Value {
        let path = format!("/api/batches/{batch}/stop");
        self.owner.post(&path, &json!({})).await.ok(200)
    }
}
