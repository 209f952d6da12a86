//! What is called: every GET of the document, with the parameters pages use.

use super::seed::{LARGEST, PROJECT, batch_id, job_id};
use crate::Outcome;
use crate::client::Client;
use serde_json::Value;

/// Tags of the operations that read what scripts reported.
const TRACKING: [&str; 10] = [
    "batches",
    "jobs",
    "compare",
    "studies",
    "projects",
    "hosts",
    "dashboard",
    "stats",
    "marks",
    "artifacts",
];

/// Operations that do not end, or belong to another part of the bench.
const ELSEWHERE: [&str; 3] = [
    "/api/sse",
    "/api/events/spill/{spill_id}",
    // What was said is little and not of runs.
    "/api/projects/{project}/channels/{channel_id}/messages",
];

/// Every route to measure.
///
/// # Errors
/// An operation of the document that none of them calls.
pub async fn all(host: &str, session: &str) -> Outcome<Vec<String>> {
    let job = format!("/api/jobs/{LARGEST}/{}", job_id(0));
    let mut client = Client::connect(host, session).await?;
    let path = format!("/api/jobs/{}/artifacts?batch_id={LARGEST}", job_id(0));
    let files = client.get(&path).await?;
    let file = files[0]["id"].as_u64().ok_or("no artifact was seeded")?;
    let study = client.get("/api/studies/study-0").await?;
    let trial = study["trials"][0]["trial_id"].clone();
    let compared: Vec<String> = (0..31).map(batch_id).chain([LARGEST.to_owned()]).collect();
    let compared = compared.join(",");
    let mut routes: Vec<String> = PLAIN.map(str::to_owned).to_vec();
    let of_batch = OF_BATCH.map(|end| format!("/api/batches/{LARGEST}{end}"));
    let of_job = OF_JOB.map(|end| format!("{job}{end}"));
    let of_project = OF_PROJECT.map(|end| format!("/api/projects/{PROJECT}{end}"));
    routes.extend(of_batch.into_iter().chain(of_job).chain(of_project));
    routes.extend([
        path,
        format!("/api/artifacts/{file}"),
        format!("/api/artifacts/{file}/url"),
        format!("/api/compare?batches={compared}"),
        format!("/api/compare/export.csv?batches={compared}"),
        format!("/api/studies/study-0/trials/{trial}"),
    ]);
    complete(&routes)?;
    Ok(routes)
}

const PLAIN: [&str; 46] = [
    "/health",
    "/api/auth/me",
    "/api/auth/sessions",
    "/api/tokens",
    "/api/users/me/preferences",
    "/api/meta/hints",
    "/api/pins",
    "/api/stars",
    "/api/batches",
    "/api/batches?limit=500",
    "/api/batches?scope=mine",
    "/api/batches?project=scale&status=done",
    "/api/batches?owner=member&tag=sweep",
    "/api/batches?text=gpu-3&limit=500",
    "/api/batches?q=status:done%20model:model-3%20MSE%3C0.2",
    "/api/batches?q=model:nothing",
    "/api/batches/compact",
    "/api/batches/compact?limit=200",
    "/api/batches/compact?q=status:failed",
    "/api/jobs",
    "/api/jobs?page_size=200",
    "/api/jobs?page=100&page_size=100",
    "/api/jobs?status=failed&project=scale",
    "/api/jobs?tags=fold2&host=gpu-3",
    "/api/jobs?text=model-5",
    "/api/jobs?batch_id=scale-big&page_size=200",
    "/api/jobs?q=(model:model-3%20OR%20model:model-4)%20MSE%3C0.1",
    "/api/studies",
    "/api/studies/study-0",
    "/api/studies/study-0?sort=value&order=desc",
    "/api/projects",
    "/api/dashboard",
    "/api/dashboard?scope=mine",
    "/api/dashboard?scope=shared",
    "/api/stats/gpu-hours-by-user",
    "/api/stats/gpu-hours-by-user?days=90",
    "/api/hosts",
    "/api/hosts?limit=3",
    "/api/hosts/gpu-2/timeseries",
    "/api/hosts/gpu-2/timeseries?metric=gpu_util_pct&since=now-720h&bucket_seconds=3600",
    "/api/resources",
    "/api/resources?host=gpu-2&limit=200",
    "/api/resources?limit=5000",
    "/api/resources/hosts",
    "/api/batches/scale-010/jobs",
    "/api/batches/scale-010/export.csv",
];

const OF_BATCH: [&str; 19] = [
    "",
    "/artifacts",
    "/epochs",
    "/epochs?limit=100&max_points=100",
    "/epochs?limit=200&max_points=50&metrics=val_mse",
    "/epochs/latest",
    "/eta",
    "/export.csv",
    "/health",
    "/jobs",
    "/jobs/eta-all",
    "/log-lines",
    "/log-lines?limit=2000",
    "/log-lines?order=asc",
    "/log-lines?text=loss%200.99",
    "/log-lines?job_id=job-0001",
    "/resources",
    "/stop-requested",
    "/usage",
];

const OF_JOB: [&str; 7] = [
    "",
    "/epochs",
    "/epochs?max_points=50",
    "/eta",
    "/log-lines",
    "/log-lines?text=checkpoint&order=asc",
    "/metrics",
];

const OF_PROJECT: [&str; 13] = [
    "",
    "/active-batches",
    "/channels",
    "/export-raw.csv",
    "/export.csv",
    "/leaderboard",
    "/leaderboard?metric=MAE",
    "/matrix",
    "/matrix?metric=R2&direction=maximize",
    "/members",
    "/recipients",
    "/resources",
    "/usage",
];

/// Whether a path is of an operation: the same parts, whatever stands for a name in braces.
fn is_of(path: &str, template: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (parts, wanted) = (path.split('/'), template.split('/'));
    parts.clone().count() == wanted.clone().count()
        && parts
            .zip(wanted)
            .all(|(part, wanted)| wanted.starts_with('{') || part == wanted)
}

fn complete(routes: &[String]) -> Outcome<()> {
    let document = serde_json::to_value(argus_local::mount::document())?;
    let paths = document["paths"].as_object().ok_or("no paths")?;
    let reads = |(path, operations): (&String, &Value)| {
        let tag = operations.get("get")?["tags"][0].as_str()?;
        TRACKING.contains(&tag).then(|| path.clone())
    };
    for template in paths.iter().filter_map(reads) {
        let called = routes.iter().any(|route| is_of(route, &template));
        if !called && !ELSEWHERE.contains(&template.as_str()) {
            return Err(format!("GET {template} is not measured").into());
        }
    }
    Ok(())
}
