//! A server whose clock is turned by hand, with mails in its outbox.

use cron_mailer::{Mailer, Report, Transport, tick};
use domain::time::Timestamp;
use mail::{Sender, Smtp, SmtpSettings};
use runtime::Services;
use std::net::SocketAddr;
use store::outbox::{Mail, Payload, Waiting, message_write};
use test_kit::TestApp;
use test_kit::app::Setup;

/// A server that stands still.
pub async fn server() -> TestApp {
    TestApp::with(
        web::Routes::new(),
        Setup {
            manual_clock: true,
            ..Setup::default()
        },
    )
    .await
}

/// A mail nobody sent yet.
pub fn mail(id: u64, to: &str, at: Timestamp) -> Mail {
    Mail {
        id,
        to: to.to_owned(),
        subject: format!("mail {id}"),
        text: "one\n.hidden\n..two\n".into(),
        html: Some("<p>one</p>".into()),
        created_at: at,
    }
}

/// The same as a message.
pub fn message(id: u64, to: &str, at: Timestamp) -> Waiting {
    let payload = Payload::Mail {
        mail: mail(id, to, at),
        event: "batch_failed".into(),
        unsubscribe: Some("https://argus.example/api/unsubscribe?token=abcdefgh".into()),
    };
    Waiting::new(id, payload, at)
}

/// Queues a mail that is due at once.
pub async fn queue(services: &Services, id: u64, to: &str) {
    let now = services.clock.now();
    let write = message_write(&message(id, to, now), now).expect("encodes");
    services.store.table.write(write).await.expect("queued");
}

/// A mailer that talks to a mail server without encryption.
pub fn mailer(services: &Services, at: SocketAddr) -> Mailer {
    let settings = SmtpSettings {
        host: at.ip().to_string(),
        port: at.port(),
        user: String::new(),
        password: String::new(),
        use_tls: false,
        use_ssl: false,
    };
    let smtp = Smtp::new(&settings).expect("settings");
    Mailer::new(services, Transport::Smtp(sender(), smtp))
}

/// Who mails come from.
pub fn sender() -> Sender {
    Sender::parse("noreply@argus.example").expect("an address")
}

/// One round over everything that is due.
pub async fn round(services: &Services, mailer: &Mailer) -> Report {
    tick(services, mailer, 100, None)
        .await
        .expect("storage works")
}
