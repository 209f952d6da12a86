//! The mail server, what became of messages, and their words.

use crate::{admin_of, routes};
use http::Method;
use serde_json::{Value, json};
use store::outbox::{Mail, Payload, Waiting, message_write};
use test_kit::TestApp;
use test_kit::app::Setup;

fn setup() -> Setup {
    Setup {
        manual_clock: true,
        ..Setup::default()
    }
}

#[tokio::test]
async fn the_mail_server_is_a_form_over_the_settings() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let path = "/api/admin/email/smtp";
    let before = admin.get(path).await.ok(200);
    assert_eq!(before["enabled"], false);
    let wish = json!({"enabled": true, "smtp_host": "mail.example", "smtp_port": 2525,
        "smtp_username": "u", "smtp_password": "hush-hush", "smtp_from_address": "lab@example.com",
        "smtp_from_name": "Lab", "use_tls": false});
    let saved = admin.call(Method::PUT, path).json(&wish).send().await;
    assert!(!saved.text().contains("hush"));
    let saved = saved.ok(200);
    assert_eq!(saved["smtp_from_address"], "lab@example.com");
    assert_eq!(saved["smtp_from_name"], "Lab");
    let mut again = wish.clone();
    again["smtp_password"] = json!("***");
    admin
        .call(Method::PUT, path)
        .json(&again)
        .send()
        .await
        .ok(200);
    let settings = app.services.settings().await.expect("settings");
    let smtp = settings.mail.smtp.as_ref().expect("a server");
    assert_eq!((smtp.host.as_str(), smtp.port), ("mail.example", 2525));
    assert_eq!(smtp.password, "hush-hush");
    let stored = app.services.store.settings().await.expect("read");
    assert!(!format!("{stored:?}").contains("hush"));
    assert_eq!(
        admin.get("/api/admin/system-config/smtp").await.ok(200)[1]["value"],
        "mail.example"
    );
}

#[tokio::test]
async fn a_test_tells_what_is_wrong_and_has_a_limit() {
    let mut setup = setup();
    setup.variables = vec![("ARGUS_SMTP_HOST_ALLOWLIST", "127.0.0.1".to_owned())];
    let app = TestApp::with(routes(), setup).await;
    let (_, admin) = admin_of(&app).await;
    let path = "/api/admin/email/smtp/test";
    let other = json!({"host": "mail.example", "from_addr": "lab@example.com"});
    assert_eq!(
        admin.post(path, &other).await.refused(403),
        "smtp_host_forbidden"
    );
    // Nobody listens on port 1.
    let dead = json!({"host": "127.0.0.1", "port": 1, "use_tls": false,
        "password": "hush-hush", "from_addr": "lab@example.com"});
    for _ in 0..10 {
        let out = admin.post(path, &dead).await;
        assert!(!out.text().contains("hush"));
        assert_eq!(out.ok(200)["ok"], false);
    }
    assert_eq!(admin.post(path, &dead).await.refused(429), "rate_limited");
    let rows = app.audit().await;
    let tests = rows.iter().filter(|row| row["action"] == "smtp_test");
    assert_eq!(tests.count(), 10);
}

#[tokio::test]
async fn messages_that_were_given_up_are_listed_retried_and_thrown_away() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let (store, now) = (&app.services.store, app.services.clock.now());
    for id in [7, 8] {
        let mail = Mail {
            id,
            to: "bob@example.com".into(),
            subject: format!("mail {id}"),
            text: "text".into(),
            html: None,
            created_at: now,
        };
        let payload = Payload::Mail {
            mail,
            event: "batch_failed".into(),
            unsubscribe: None,
        };
        let write = message_write(&Waiting::new(id, payload, now), now).expect("encodes");
        store.table.write(write).await.expect("queued");
    }
    let due = store.due_messages(now, 10).await.expect("read");
    for due in due.into_iter().filter(|due| due.waiting.id < 9) {
        let claim = store.claim_message(due, "test", now.plus_secs(9)).await;
        let claim = claim.expect("asked").expect("claimed");
        let payload = claim.waiting.payload.clone();
        let failed = store.message_failed(&claim, payload, "no such box", true, now);
        failed.await.expect("settled");
    }
    let list = admin.get("/api/admin/email/dead-letter").await.ok(200);
    assert_eq!(list["items"][0]["id"], 8);
    assert_eq!(list["items"][0]["last_error"], "no such box");
    let stats = admin.get("/api/admin/email/stats").await.ok(200);
    assert_eq!(
        (&stats["deadletter_count"], &stats["failed_last_hour"]),
        (&json!(2), &json!(2))
    );
    let retry = "/api/admin/email/dead-letter/retry";
    let wrong = admin.post(&format!("{retry}?ids=x"), &Value::Null).await;
    assert_eq!(wrong.refused(400), "ids_invalid");
    let done = admin.post(&format!("{retry}?ids=7,9"), &Value::Null).await;
    assert_eq!(done.ok(200), json!({"requeued": 1, "missing": [9]}));
    admin.delete("/api/admin/email/dead-letter/8").await.ok(204);
    let gone = admin.delete("/api/admin/email/dead-letter/8").await;
    assert_eq!(gone.refused(404), "dead_letter_not_found");
    let mails = store.waiting_mails(10).await.expect("outbox");
    let again = mails.iter().find(|mail| mail.id == 7).expect("queued");
    assert_eq!(again.text, "text", "the whole mail is queued again");
}

#[tokio::test]
async fn own_words_are_used_escaped_only_as_html_and_reset() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let list = admin.get("/api/admin/email/templates").await.ok(200);
    let items = list.as_array().expect("a list");
    let mine = |item: &&Value| item["event_type"] == "verification" && item["locale"] == "en-US";
    let id = items.iter().find(mine).expect("the template")["id"].clone();
    let path = format!("/api/admin/email/templates/{id}");
    let words = |subject: &str| json!({"subject": subject, "body_text": "go: {{link.url}}", "body_html": "<b>{{user.username}}</b> {{link.url}}"});
    let put = async |body: Value| admin.call(Method::PUT, &path).json(&body).send().await;
    assert_eq!(
        put(words("{{nobody.knows}}")).await.refused(400),
        "template_invalid"
    );
    put(words("Hi <{{user.username}}>")).await.ok(200);
    let shown = admin
        .post(&format!("{path}/preview"), &Value::Null)
        .await
        .ok(200);
    assert_eq!(shown["subject"], "Hi <alice>");
    let wish =
        json!({"username": "carol", "email": "carol@example.com", "password": "correct-horse-7"});
    app.anonymous()
        .post("/api/auth/register", &wish)
        .await
        .ok(201);
    let mails = app.services.store.waiting_mails(10).await.expect("outbox");
    let mail = mails
        .iter()
        .find(|m| m.to == "carol@example.com")
        .expect("a mail");
    assert_eq!(mail.subject, "Hi <carol>");
    assert!(
        mail.text
            .starts_with("go: http://argus.example/verify-email?token=")
    );
    assert!(
        mail.html
            .as_deref()
            .is_some_and(|html| html.starts_with("<b>carol</b>"))
    );
    let reset = admin
        .post(&format!("{path}/reset"), &Value::Null)
        .await
        .ok(200);
    assert_eq!(reset["is_system"], true);
    let rows = app.audit().await;
    for action in ["email_template_set", "email_template_reset"] {
        assert!(rows.iter().any(|row| row["action"] == action), "{action}");
    }
}
