//! The cases on the embedded engines, or on the endpoint the environment names.

mod dynamodb;
mod s3;

use argus_conformance::Report;
use argus_conformance::known::Difference;

/// Fails with every case that did not go as expected.
fn judge(report: &Report, known: &[Difference]) {
    assert!(!report.is_empty());
    let mut wrong = Vec::new();
    for (name, outcome) in report {
        let difference = known.iter().find(|difference| difference.case == *name);
        match (outcome, difference) {
            (Ok(()), None) => {}
            (Err(failure), None) => wrong.push(format!("{name}: {failure:?}")),
            (Err(failure), Some(known)) => println!("{name}: {} ({failure:?})", known.reason),
            (Ok(()), Some(_)) => wrong.push(format!("{name} passes and is no difference any more")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The endpoint to test instead of the embedded engine, from `specific` or the common variable.
fn endpoint(specific: &str) -> Option<String> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let endpoint = set(specific).or_else(|| set("ARGUS_CONFORMANCE_ENDPOINT"))?;
    Some(endpoint.into_string().expect("a URL is text"))
}

/// The SDK's configuration for a real endpoint; credentials come from the environment.
async fn real(endpoint: &str) -> aws_config::SdkConfig {
    use aws_smithy_http_client::tls;
    let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let http = aws_smithy_http_client::Builder::new().tls_provider(ring);
    aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(http.build_https())
        .endpoint_url(endpoint)
        .load()
        .await
}
