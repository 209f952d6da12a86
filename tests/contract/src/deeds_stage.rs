//! A server with one of everything, so that whatever may be done to it can succeed.

use auth::ticket::{Tap, Ticket, sign};
use domain::account::{Link, TokenScope, User};
use serde_json::{Value, json};
use std::collections::HashMap;
use store::outbox::{Mail, Payload, Waiting, message_write};
use store::secrets::{Purpose, Secret, secret_write};
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};
use test_kit::{Actor, TestApp};

/// One of everything.
pub struct Stage {
    pub app: TestApp,
    /// Browser of the person who owns everything.
    pub owner: Actor,
    /// Browser of an administrator.
    pub admin: Actor,
    /// Browser of somebody who came by a provider and has no password.
    linked: Actor,
    /// What stands for a parameter of a path.
    ids: HashMap<&'static str, String>,
}

impl Stage {
    /// Text of the secret that confirms the owner's address.
    pub const VERIFY: &str = "a secret to confirm with";
    /// Text of the secret that sets the owner's password.
    pub const RESET: &str = "a secret to set a password with";

    pub async fn set() -> Self {
        let setup = Setup {
            manual_clock: true,
            variables: vec![
                ("ARGUS_GITHUB_CLIENT_ID", "client".to_owned()),
                ("ARGUS_GITHUB_CLIENT_SECRET", "secret".to_owned()),
            ],
            ..Setup::default()
        };
        let app = TestApp::with(argus_local::mount::routes(), setup).await;
        let owner = link(&app, app.user("owner", false).await, true).await;
        let linked = link(&app, app.user("linked", false).await, false).await;
        let friend = app.user("friend", false).await;
        app.user("other", false).await;
        let admin = app.user("root", true).await;
        let mut stage = Self {
            owner: app.session(&owner).await,
            admin: app.session(&admin).await,
            linked: app.session(&linked).await,
            ids: HashMap::from([
                ("batch_id", "b".to_owned()),
                ("job_id", "j".to_owned()),
                ("host", "vm".to_owned()),
                ("project", "proj".to_owned()),
                ("provider", "github".to_owned()),
                ("template_id", "1".to_owned()),
                ("group", "smtp".to_owned()),
                ("key", "port".to_owned()),
                ("owner_id", owner.id.to_string()),
                ("user_id", friend.id.to_string()),
                ("grantee_id", friend.id.to_string()),
            ]),
            app,
        };
        let reporter = stage.app.token(&owner, TokenScope::Reporter).await;
        stage.runs(&reporter).await;
        stage.things(&owner).await;
        stage.secrets(&owner).await;
        stage.dead_letter().await;
        // Long enough that the host is quiet.
        stage.app.services.clock.advance(3600);
        stage
    }

    /// The owner's browser, or whoever may do what the owner may not.
    pub fn owner_for(&self, operation: &str) -> Actor {
        match operation.ends_with("/set-password") {
            true => self.linked.clone(),
            false => self.owner.clone(),
        }
    }

    /// The address of an operation on what is on stage.
    pub fn path(&self, operation: &str, template: &str) -> String {
        let mut path = template.to_owned();
        for (name, id) in &self.ids {
            let id = match (operation, *name) {
                // A running batch is stopped, one at rest deleted.
                ("DELETE /api/batches/{batch_id}", "batch_id") => "old",
                ("POST /api/batches/{batch_id}/restore", "batch_id") => "gone",
                ("POST /api/batches/{batch_id}/rerun", "batch_id") => "old",
                ("POST /api/projects/{project}/restore", "project") => "former",
                (operation, "channel_id") if operation.contains("/projects/") => {
                    &self.ids["project_channel"]
                }
                _ => id,
            };
            path = path.replace(&format!("{{{name}}}"), id);
        }
        match operation {
            "POST /api/guardrails/act" => format!("{path}?token={}", self.tap()),
            _ if operation.ends_with("/dead-letter/retry") => {
                format!("{path}?ids={}", self.ids["message_id"])
            }
            _ => path,
        }
    }

    /// What the owner got by mail to stop the batch with.
    fn tap(&self) -> String {
        let services = &self.app.services;
        let ticket = Ticket {
            tap: Tap::Stop,
            batch: "b".into(),
            attempt: 1,
            job: "j".into(),
            user: self.ids["owner_id"].parse().expect("a number"),
            until: services.clock.now().plus_secs(60),
        };
        sign(&services.config.jwt_secret, &ticket)
    }

    async fn runs(&self, reporter: &Actor) {
        let data = json!({"cpu_util_pct": 1});
        let events = json!({"events": [
            batch_start("b"),
            epoch("b", "j", 0, 0.5),
            event("job_done", "b", Some("j"), json!({"metrics": {"MSE": 0.5}})),
            event("resource_snapshot", "b", None, data),
            batch_start("old"),
            event("batch_done", "old", None, json!({})),
            batch_start("gone"),
            event("batch_done", "gone", None, json!({})),
        ]});
        reporter.post("/api/events/batch", &events).await.ok(200);
        self.owner.delete("/api/batches/gone").await.ok(200);
        let former = json!({"slug": "former"});
        self.owner.post("/api/projects", &former).await.ok(201);
        self.owner.delete("/api/projects/former").await.ok(200);
    }

    /// What the owner and the administrator made by hand.
    async fn things(&mut self, owner: &User) {
        let name = "friend";
        let wish = json!({"name": "old", "scope": "viewer"});
        self.make("token_id", "/api/tokens", wish, "id").await;
        let wish = json!({"kind": "slack", "name": "lab", "url": "https://hooks.slack.com/x"});
        for (name, path) in [
            ("channel_id", "/api/me/channels"),
            ("project_channel", "/api/projects/proj/channels"),
        ] {
            self.make(name, path, wish.clone(), "id").await;
        }
        let path = "/api/projects/proj/recipients";
        let wish = json!({"email": "team@example.com"});
        self.make("recipient_id", path, wish, "id").await;
        let path = "/api/batches/b/public-share";
        self.make("slug", path, json!({}), "slug").await;
        for (path, wish) in [
            ("/api/batches/b/shares", json!({"grantee_username": name})),
            (
                "/api/projects/shares",
                json!({"project": "proj", "grantee_username": name}),
            ),
            (
                "/api/projects/proj/members",
                json!({"username": name, "role": "viewer"}),
            ),
        ] {
            self.owner.post(path, &wish).await.ok(201);
        }
        let dog = json!({"hostname": "vm", "instance": "dog", "capabilities": ["watchdog"]});
        let dog = self.owner.post("/api/agents/register", &dog).await.ok(201);
        self.keep("agent_id", &dog["agent_id"]);
        let bearer = self
            .app
            .bearer(dog["agent_token"].as_str().expect("a token"));
        let life = json!({"host": "vm", "version": "1", "mode": "live"});
        bearer.post("/api/watchdog/heartbeat", &life).await.ok(204);
        let publish = "/api/admin/projects/proj/publish";
        self.admin.post(publish, &json!({})).await.ok(200);
        let port = "/api/admin/system-config/smtp/port";
        let call = self.admin.call(http::Method::PUT, port);
        call.json(&json!({"value": 25})).send().await.ok(200);
        let other = self.app.session(owner).await;
        let sessions = other.get("/api/auth/sessions").await.ok(200);
        let all = sessions.as_array().expect("a list");
        let current = all.iter().find(|row| row["is_current"] == true);
        self.keep("jti", &current.expect("one of them")["jti"]);
        let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\na\r\n--x--\r\n";
        let call = self.owner.call(http::Method::POST, "/api/jobs/j/artifacts");
        let call = call.text("multipart/form-data; boundary=x", form);
        let made = call.send().await.ok(201);
        self.keep("artifact_id", &made["id"]);
    }

    /// A body whose agent is the one on stage.
    pub fn body(&self, mut body: Value) -> Value {
        if let Some(agent) = body.get_mut("agent_id") {
            *agent = json!(self.ids["agent_id"]);
        }
        body
    }

    async fn make(&mut self, name: &'static str, path: &str, wish: Value, field: &str) {
        let made = self.owner.post(path, &wish).await.ok(201);
        self.keep(name, &made[field]);
    }

    fn keep(&mut self, name: &'static str, id: &Value) {
        let text = id.as_str().map(str::to_owned);
        self.ids
            .insert(name, text.unwrap_or_else(|| id.to_string()));
    }

    /// Mailed secrets, each good for one thing.
    async fn secrets(&self, owner: &User) {
        let now = self.app.services.clock.now();
        for (text, purpose) in [
            (Self::VERIFY, Purpose::Verify),
            (Self::RESET, Purpose::Reset),
        ] {
            let secret = Secret {
                digest: auth::secret::digest(text),
                purpose,
                user_id: owner.id,
                expires_at: now.plus_secs(86_400),
                address: Some(owner.email.clone()),
                epoch: owner.epoch,
                used: false,
            };
            let write = secret_write(&secret).expect("encodes");
            let table = &self.app.services.store.table;
            table.write(write).await.expect("stored");
        }
    }

    async fn dead_letter(&mut self) {
        let (store, now) = (&self.app.services.store, self.app.services.clock.now());
        let mail = Mail {
            id: 7,
            to: "bob@example.com".into(),
            subject: "mail".into(),
            text: "text".into(),
            html: None,
            created_at: now,
        };
        let payload = Payload::Mail {
            mail,
            event: "batch_failed".into(),
            unsubscribe: None,
        };
        let write = message_write(&Waiting::new(7, payload, now), now).expect("encodes");
        store.table.write(write).await.expect("queued");
        let due = store.due_messages(now, 50).await.expect("read");
        let ours = due.into_iter().find(|due| due.waiting.id == 7);
        let claim = store.claim_message(ours.expect("due"), "test", now.plus_secs(9));
        let claim = claim.await.expect("asked").expect("claimed");
        let payload = claim.waiting.payload.clone();
        let failed = store.message_failed(&claim, payload, "no such box", true, now);
        failed.await.expect("settled");
        self.ids.insert("message_id", "7".to_owned());
    }
}

/// The account, linked to a provider, with its password or without.
async fn link(app: &TestApp, user: User, password: bool) -> User {
    let change = |found: &mut User| {
        found.links = vec![Link {
            provider: "github".into(),
            subject: found.id.to_string(),
            login: found.username.clone(),
        }];
        if !password {
            found.password_hash = None;
        }
    };
    let changed = app.services.store.update_user(user.id, change).await;
    changed.expect("updated").expect("exists")
}
