//! Sending what requests do to an OpenTelemetry collector, when the environment names one.
//!
//! The variables are those every OpenTelemetry program reads: `OTEL_EXPORTER_OTLP_ENDPOINT`, or
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` with the whole path, and `OTEL_SERVICE_NAME`.

use bytes::Bytes;
use http::{Request, Response};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use runtime::outbound::{Content, Outbound};
use runtime::vars::{self, Source};
use std::sync::Arc;
use tokio::runtime::Handle;
use tracing_subscriber::{Layer, Registry};

/// Name of what makes the spans.
const TRACER: &str = "argus-local";
/// What collectors add to an address without a path.
const PATH: &str = "v1/traces";

/// Spans on their way to a collector.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends spans from now on, if the environment names a collector.
    ///
    /// # Errors
    /// When what it names is no address.
    pub fn from(source: &Source<'_>) -> Result<Option<Self>, String> {
        let whole = source.text(vars::OTLP_TRACES_ENDPOINT);
        let base = source.text(vars::OTLP_ENDPOINT);
        let endpoint = match (whole.as_str(), base.trim_end_matches('/')) {
            ("", "") => return Ok(None),
            ("", base) => format!("{base}/{PATH}"),
            (whole, _) => whole.to_owned(),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender {
                outbound: Arc::default(),
                tasks: Handle::current(),
            })
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(endpoint)
            .build()
            .map_err(|problem| problem.to_string())?;
        let name = source.text(vars::OTEL_SERVICE_NAME);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(Resource::builder().with_service_name(name).build())
            .build();
        Ok(Some(Self(provider)))
    }

    /// What turns spans of the log into spans of the collector.
    pub fn layer(&self) -> Box<dyn Layer<Registry> + Send + Sync> {
        let tracer = self.0.tracer(TRACER);
        tracing_opentelemetry::layer().with_tracer(tracer).boxed()
    }

    /// Sends what is left.
    pub fn finish(self) {
        // The exporter waits for the runtime, so the wait must not stand on one of its threads.
        let _ = tokio::task::block_in_place(|| self.0.shutdown());
    }
}

/// Sends from the exporter's own thread through this process's runtime.
#[derive(Clone)]
struct Sender {
    outbound: Arc<Outbound>,
    tasks: Handle,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender")
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let outbound = Arc::clone(&self.outbound);
        let task = self.tasks.spawn(async move {
            let content = Content {
                kind: "application/json",
                bytes: request.body().to_vec(),
            };
            let url = request.uri().to_string();
            outbound.send(&url, &[], Some(content)).await
        });
        let answer = task.await??;
        let response = Response::builder().status(answer.status);
        Ok(response.body(Bytes::from(answer.body))?)
    }
}
