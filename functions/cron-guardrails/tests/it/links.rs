//! Links that act on an idle job at one tap.

use crate::stage::Stage;
use auth::ticket::{Tap, Ticket, sign};
use domain::account::User;
use serde_json::json;
use test_kit::build::batch_start;

const SECONDS_OF_A_DAY: i64 = 86_400;

impl Stage {
    /// A link as it is sent to `user`.
    fn link(&self, tap: Tap, user: &User) -> String {
        let services = &self.app.services;
        let ticket = Ticket {
            tap,
            batch: "b".into(),
            attempt: 1,
            job: "j".into(),
            user: user.id,
            until: services.clock.now().plus_secs(SECONDS_OF_A_DAY),
        };
        let token = sign(&services.config.jwt_secret, &ticket);
        format!("/api/guardrails/act?token={token}")
    }

    /// Somebody's mail program looks at a link, then the person taps it.
    async fn tap(&self, link: &str) -> String {
        let asked = self.app.get(link).send().await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        assert!(asked.text().contains("<form method=\"post\">"));
        let policy = asked.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let form = "application/x-www-form-urlencoded";
        let done = self.app.post(link).text(form, "").send().await;
        assert_eq!(done.status, 200, "{}", done.text());
        assert!(!done.text().contains("<form"));
        done.text()
    }
}

/// A batch whose only job has been idle for ten minutes, with the stop wanted.
async fn idle() -> Stage {
    let stage = Stage::new().await;
    let wish = json!({"guardrails": {"idle_auto_stop": true}});
    stage
        .session
        .patch("/api/projects/proj", &wish)
        .await
        .ok(200);
    stage.of_job("job_start", json!({})).await;
    assert_eq!(stage.use_gpu(10, 0.0).await.len(), 1);
    stage
}

#[tokio::test]
async fn a_job_that_is_kept_is_left_alone_for_two_hours() {
    let stage = idle().await;
    let link = stage.link(Tap::Keep, &stage.alice);
    // Looking at the link, as mail programs do, changes nothing.
    let looked = stage
        .app
        .get(&link)
        .header("accept-language", "zh-CN")
        .send()
        .await;
    assert!(looked.text().contains("保留 2 小时"), "{}", looked.text());
    assert!(stage.deeds("job_idle_kept").await.is_empty());
    let said = stage.tap(&link).await;
    assert!(said.contains("left alone for 2 hours"), "{said}");
    let deeds = stage.deeds("job_idle_kept").await;
    assert_eq!(deeds.len(), 1);
    assert_eq!(
        (&deeds[0]["user_id"], &deeds[0]["metadata"]["actor"]),
        (&json!(null), &json!("link"))
    );
    assert_eq!(deeds[0]["metadata"]["sent_to"], stage.alice.id.to_string());
    assert_eq!(stage.frames("job_idle_kept").await[0]["job_id"], "j");
    let steps = stage.use_gpu(125, 0.0).await;
    assert_eq!(steps, [(120, "warned".to_owned())]);
    assert_eq!(stage.status().await, "running");
}

#[tokio::test]
async fn a_batch_is_stopped_at_one_tap_and_tapping_again_does_nothing() {
    let stage = idle().await;
    let link = stage.link(Tap::Stop, &stage.alice);
    assert_eq!(stage.app.get(&link).send().await.status, 200);
    assert_eq!(stage.status().await, "running");
    let said = stage.tap(&link).await;
    assert!(said.contains("asked to stop"), "{said}");
    assert_eq!(stage.status().await, "stopping");
    assert!(stage.tap(&link).await.contains("nothing to do"));
    assert!(
        stage
            .tap(&stage.link(Tap::Keep, &stage.alice))
            .await
            .contains("left alone")
    );
    let deeds = stage.deeds("batch_stop_requested").await;
    assert_eq!(deeds.len(), 1);
    assert_eq!(deeds[0]["metadata"]["actor"], "link");
    let asked = stage
        .reporter
        .get("/api/batches/b/stop-requested")
        .await
        .ok(200);
    assert_eq!(
        (&asked["requested"], &asked["requested_by"]),
        (&json!(true), &json!("link"))
    );
}

#[tokio::test]
async fn a_link_does_only_what_it_was_made_for() {
    let stage = idle().await;
    let (viewer, _) = stage.member("victor", "viewer").await;
    let (editor, _) = stage.member("edith", "editor").await;
    let post = |link: String| {
        let call = stage.app.post(&link);
        async move { call.send().await }
    };
    let viewers = post(stage.link(Tap::Stop, &viewer)).await;
    assert_eq!(viewers.refused(404), "act_link_invalid");
    let forged = stage.link(Tap::Stop, &stage.alice) + "x";
    assert_eq!(post(forged).await.refused(404), "act_link_invalid");
    let none = post("/api/guardrails/act".into()).await;
    assert_eq!(none.refused(404), "act_link_invalid");
    // A later run of the batch is not meant.
    let link = stage.link(Tap::Stop, &editor);
    stage.report(batch_start("b")).await;
    assert!(post(link).await.text().contains("nothing to do"));
    assert_eq!(stage.status().await, "running");
    let link = stage.link(Tap::Keep, &editor);
    stage.advance(24 * 60);
    assert_eq!(post(link).await.refused(410), "act_link_expired");
    assert!(stage.deeds("batch_stop_requested").await.is_empty());
}
