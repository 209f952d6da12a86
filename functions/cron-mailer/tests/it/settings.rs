//! The mailer follows what administrators set.

use crate::setup::{queue, round, server};
use crate::smtp_server::SmtpServer;
use cron_mailer::{Mailer, Transport};
use runtime::Services;
use serde_json::{Value, json};
use store::settings::Setting;

async fn set(services: &Services, values: &[(&str, Value)]) {
    let found = services.store.settings().await.expect("read");
    let rev = found.as_ref().map(|found| found.rev);
    let mut stored = found.map(|found| found.value).unwrap_or_default();
    for (name, value) in values {
        let setting = Setting {
            value: services.settings.closed(name, value, false),
            sealed: false,
            description: None,
            updated_at: services.clock.now(),
            updated_by: 1,
        };
        stored.values.insert((*name).to_owned(), setting);
    }
    let saved = services.store.save_settings(&stored, rev, vec![]);
    saved.await.expect("stored");
}

#[tokio::test]
async fn a_running_mailer_takes_the_server_and_sender_that_are_set() {
    let app = server().await;
    let smtp = SmtpServer::start().await;
    let mailer = Mailer::new(&app.services, Transport::Missing);
    queue(&app.services, 1, "alice@example.com").await;
    assert_eq!(round(&app.services, &mailer).await.waiting, 1);
    let server = [
        ("smtp/host", json!(smtp.address.ip().to_string())),
        ("smtp/port", json!(smtp.address.port())),
        ("smtp/use_tls", json!(false)),
        ("smtp/from", json!("Lab <noreply@argus.example>")),
    ];
    set(&app.services, &server).await;
    app.services.clock.advance(3600);
    assert_eq!(round(&app.services, &mailer).await.sent, 1);
    let (_, text) = smtp.mails().remove(0);
    assert!(
        text.contains("From: Lab <noreply@argus.example>\r\n"),
        "{text}"
    );
    // A sender that is none keeps mails waiting until somebody corrects it.
    set(&app.services, &[("smtp/from", json!("nobody"))]).await;
    app.services.clock.advance(4);
    queue(&app.services, 2, "alice@example.com").await;
    assert_eq!(round(&app.services, &mailer).await.waiting, 1);
    set(&app.services, &[("smtp/enabled", json!(false))]).await;
    app.services.clock.advance(3600);
    assert_eq!(round(&app.services, &mailer).await.waiting, 1);
}
