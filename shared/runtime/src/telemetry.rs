//! Logs, to stderr, one line an event; and in a Lambda function what is measured, to stdout.

use crate::meter;
use crate::vars::{self, Source};
use metrics_cloudwatch_embedded::{Builder, Collector};
use std::io::IsTerminal;
use std::sync::OnceLock;
use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt};

/// Namespace of our figures in CloudWatch.
const NAMESPACE: &str = "Argus";

static CLOUDWATCH: OnceLock<&'static Collector> = OnceLock::new();

/// Starts logging. Called once by each `main`. `also` gets every span and event too.
pub fn init(source: &Source<'_>, also: Option<Box<dyn Layer<Registry> + Send + Sync>>) {
    let wanted = source.text(vars::LOG_LEVEL);
    // The SDK's own chatter is about retries we handle; ours is what an operator reads.
    let filter = EnvFilter::try_new(format!("warn,{wanted},aws=warn,hyper=warn,s3s=warn"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = lines(source.text(vars::LOG_FORMAT) == "json").with_filter(filter);
    let _ = tracing_subscriber::registry()
        .with(also)
        .with(lines)
        .try_init();
}

fn lines<S>(json: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let plain = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false);
    match json {
        true => plain.json().flatten_event(true).boxed(),
        false => plain.with_ansi(std::io::stderr().is_terminal()).boxed(),
    }
}

/// Has CloudWatch collect what is measured in this Lambda function, where somebody pays for that: a
/// hundred routes with their statuses cost more than everything else a small installation does.
pub fn measure_for_cloudwatch(source: &Source<'_>) {
    if !source.flag(vars::CLOUDWATCH_FIGURES).unwrap_or(false) {
        return;
    }
    let builder = Builder::new()
        .cloudwatch_namespace(NAMESPACE)
        .with_dimension("function", source.text(vars::LAMBDA_FUNCTION));
    if let Ok(collector) = builder.init() {
        let _ = CLOUDWATCH.set(collector);
        meter::describe();
    }
}

/// Hands over what was measured since the last time: CloudWatch reads it from the log. Does nothing
/// where nobody collects this way.
pub fn hand_over() {
    write(std::io::stdout().lock());
}

fn write(out: impl std::io::Write) {
    if let Some(collector) = CLOUDWATCH.get()
        && let Err(problem) = collector.flush(out)
    {
        tracing::debug!(%problem, "figures were not handed over");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_a_line_cloudwatch_reads() {
        let function = |name: &str| match name {
            "AWS_LAMBDA_FUNCTION_NAME" => Some("api-ingest".to_owned()),
            "ARGUS_CLOUDWATCH_FIGURES" => Some("true".to_owned()),
            _ => None,
        };
        measure_for_cloudwatch(&Source(&function));
        meter::received("accepted", 3);
        let mut out = Vec::new();
        write(&mut out);
        let text = String::from_utf8(out).expect("text");
        let line = text.lines().find(|line| line.contains("accepted"));
        let line: serde_json::Value = serde_json::from_str(line.expect("a line")).expect("JSON");
        let about = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(
            (&about["Namespace"], &line["function"]),
            (&"Argus".into(), &"api-ingest".into())
        );
        let metric = about["Metrics"][0]["Name"].as_str().expect("a name");
        assert_eq!(line[metric], 3);
    }
}
