//! Delivery through Amazon SES.
//!
//! One signed request by hand instead of its SDK: the SDK takes longer to compile than all of our
//! functions together and would double the size of this one, for a single operation whose body is
//! the message itself. SES over SMTP would need long-lived credentials, which a role has not.

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};
use mail::SendError;
use reach::{Client, Reach};
use runtime::aws::Signer;
use serde_json::json;
use std::time::SystemTime;
use url::Url;

/// Name under which requests are signed.
const SERVICE: &str = "ses";

/// Amazon SES in one region.
pub struct Ses {
    region: String,
    url: Url,
    signer: Signer,
    client: Client,
}

impl Ses {
    /// SES of a region, or what stands in for it at `endpoint`.
    pub fn new(region: &str, endpoint: Option<String>, signer: Signer) -> Result<Self, SendError> {
        let base = endpoint.unwrap_or_else(|| format!("https://email.{region}.amazonaws.com"));
        let address = format!("{}/v2/email/outbound-emails", base.trim_end_matches('/'));
        let url = Url::parse(&address);
        let url = url.map_err(|e| SendError::passing(format!("address of SES: {e}")))?;
        Ok(Self {
            region: region.to_owned(),
            url,
            signer,
            // Inside a private network SES has a private address.
            client: Client::new(Reach::Anywhere),
        })
    }

    /// Hands over a whole message.
    pub async fn send(&self, message: &[u8]) -> Result<(), SendError> {
        let body = json!({"Content": {"Raw": {"Data": STANDARD.encode(message)}}}).to_string();
        let headers = self.signed(&body).await.map_err(SendError::passing)?;
        let answer = self.client.post(&self.url, headers, body.into_bytes());
        let answer = answer.await.map_err(SendError::passing)?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&answer.body);
        // Refused content stays refused; sender, quota and permission can be put right.
        let is_final = answer.status == 400 && text.contains("MessageRejected");
        let text = format!("SES answered {}: {text}", answer.status);
        Err(SendError { text, is_final })
    }

    async fn signed(&self, body: &str) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
        let identity = self.signer.credentials().await?.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|e| e.to_string())?
            .into();
        let kind = [("content-type", "application/json")];
        let bytes = SignableBody::Bytes(body.as_bytes());
        let request = SignableRequest::new("POST", self.url.as_str(), kind.into_iter(), bytes)
            .map_err(|e| e.to_string())?;
        let output = sign(request, &params).map_err(|e| e.to_string())?;
        let (instructions, _) = output.into_parts();
        let mut headers = vec![(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )];
        for (name, value) in instructions.headers() {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
            let value = HeaderValue::from_str(value).map_err(|e| e.to_string())?;
            headers.push((name, value));
        }
        Ok(headers)
    }
}
