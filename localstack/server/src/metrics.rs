//! `GET /metrics`: figures as Prometheus reads them.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use runtime::{Services, meter};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use web::caller::PeerIp;

/// Upper bounds of what histograms count, seconds.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// How often single durations are put into their histograms.
const UPKEEP: Duration = Duration::from_secs(5);

static COLLECTED: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// What the page shows beside what was counted.
pub struct Figures {
    /// Services of this process.
    pub services: Services,
    /// Directory whose files are the table; none when it is in memory.
    pub data: Option<PathBuf>,
    /// Who may read it from elsewhere than this machine.
    pub token: Option<String>,
}

fn collected() -> Option<&'static PrometheusHandle> {
    let made = COLLECTED.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS);
        let handle = builder.ok()?.install_recorder().ok()?;
        meter::describe();
        Some(handle)
    });
    made.as_ref()
}

/// Begins to count, and keeps what was counted small until the process ends.
pub async fn run() {
    let Some(handle) = collected() else {
        return;
    };
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

impl Figures {
    /// Answers who may ask: this very machine, or whoever brings the token.
    pub async fn page(&self, request: Request) -> Response {
        let peer = request.extensions().get::<PeerIp>().map(|ip| ip.0.clone());
        if !self.admits(peer.as_deref(), request.headers()) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let Some(handle) = collected() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        self.look().await;
        let kind = "text/plain; version=0.0.4; charset=utf-8";
        ([(header::CONTENT_TYPE, kind)], handle.render()).into_response()
    }

    fn admits(&self, peer: Option<&str>, headers: &HeaderMap) -> bool {
        let bearer = headers.get(header::AUTHORIZATION);
        let bearer = bearer.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if let (Some(token), Some(given)) = (&self.token, bearer) {
            // Digests take equally long to compare, wherever they differ.
            return auth::secret::digest(token) == auth::secret::digest(given);
        }
        let here = peer.and_then(|ip| ip.parse::<IpAddr>().ok());
        // A proxy on this machine speaks for somebody elsewhere.
        let passed_on =
            headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
        here.is_some_and(|ip| ip.is_loopback()) && !passed_on
    }

    /// Reads what is not counted as it happens. What cannot be read keeps its last figure.
    async fn look(&self) {
        for (queue, depth) in self.services.store.queue_depths().await {
            gauge!(meter::QUEUE, "queue" => queue).set(depth as f64);
        }
        if let Some(bytes) = self.data.as_deref().and_then(bytes_in) {
            gauge!(meter::STORED, "part" => "table").set(bytes as f64);
        }
    }
}

/// Bytes of the files right in a directory.
fn bytes_in(directory: &Path) -> Option<u64> {
    let entries = std::fs::read_dir(directory).ok()?.flatten();
    let files = entries.filter_map(|entry| entry.metadata().ok());
    Some(
        files
            .filter(|meta| meta.is_file())
            .map(|meta| meta.len())
            .sum(),
    )
}
