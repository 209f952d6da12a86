//! Delivery through Amazon SES, as far as its protocol goes.

use crate::receiver::Receiver;
use crate::setup::{queue, round, sender, server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cron_mailer::ses::Ses;
use cron_mailer::{Mailer, Transport};
use runtime::aws::Signer;

#[tokio::test]
async fn a_mail_is_one_signed_request_and_refusals_are_told_apart() {
    let app = server().await;
    let cloud = Receiver::start().await;
    let endpoint = Some(format!("http://{}", cloud.address));
    let signer = Signer::fixed("AKIDEXAMPLE", "very-secret-key");
    let ses = Ses::new("eu-west-1", endpoint, signer).expect("an address");
    let mailer = Mailer::new(&app.services, Transport::Ses(sender(), ses));
    queue(&app.services, 1, "alice@example.com").await;
    assert_eq!(round(&app.services, &mailer).await.sent, 1);
    let request = cloud.requests().remove(0);
    assert_eq!(request.target, "/v2/email/outbound-emails");
    let signature = &request.headers["authorization"];
    assert!(
        signature.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        "{signature}"
    );
    assert!(
        signature.contains("/eu-west-1/ses/aws4_request"),
        "{signature}"
    );
    assert!(
        signature.contains("SignedHeaders=content-type;host;x-amz-date"),
        "{signature}"
    );
    let raw = request.body.split('"').nth(7).expect("the message");
    let message = STANDARD.decode(raw).expect("base64");
    assert!(String::from_utf8_lossy(&message).contains("To: alice@example.com\r\n"));

    cloud.answer_next("429 Too Many Requests", "", "{\"message\":\"slow down\"}");
    queue(&app.services, 2, "bob@example.com").await;
    assert_eq!(round(&app.services, &mailer).await.waiting, 1);
    let rejected = "x-amzn-errortype: MessageRejected\r\n";
    cloud.answer_next(
        "400 Bad Request",
        rejected,
        "{\"__type\":\"MessageRejected\"}",
    );
    app.services.clock.advance(6);
    assert_eq!(round(&app.services, &mailer).await.dead, 1);
    let dead = app
        .services
        .store
        .dead_letters(None, 1)
        .await
        .expect("read");
    let error = dead[0].last_error.clone().expect("an error");
    assert!(
        error.contains("400") && !error.contains("very-secret"),
        "{error}"
    );
}
