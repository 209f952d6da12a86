//! `GET /api/admin/costs`: what this installation does and what that costs on AWS.

use axum::Json;
use axum::extract::State;
use domain::spend::{Bill, Spent, kept};
use futures::stream::{StreamExt, TryStreamExt, iter};
use runtime::Services;
use serde::Serialize;
use store::spend::day;
use utoipa::ToSchema;
use web::{Admin, ApiResult, Params};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Days read at the same time.
const SIDE_BY_SIDE: usize = 8;
/// Pages of a thousand objects that are counted.
const PAGES: usize = 20;

/// What was done, and its price.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpentOut {
    /// Requests answered, and runs of scheduled work.
    pub requests: u64,
    /// Seconds functions were busy with them.
    pub busy_s: f64,
    /// Seconds live streams were open.
    pub stream_s: f64,
    /// Bytes answered.
    pub bytes_out: u64,
    /// Write units of the table.
    pub write_units: f64,
    /// Read units of the table.
    pub read_units: f64,
    /// Front door, gateway and logs, US dollars.
    pub requests_usd: f64,
    /// Functions at work.
    pub functions_usd: f64,
    /// Open streams.
    pub streams_usd: f64,
    /// Reads and writes of the table.
    pub table_usd: f64,
    /// Bytes to the world.
    pub transfer_usd: f64,
    /// All of these.
    pub total_usd: f64,
}

impl From<Spent> for SpentOut {
    fn from(spent: Spent) -> Self {
        let bill = Bill::of(&spent);
        Self {
            requests: spent.requests,
            busy_s: spent.busy_secs,
            stream_s: spent.stream_secs,
            bytes_out: spent.bytes_out,
            write_units: spent.write_units,
            read_units: spent.read_units,
            requests_usd: bill.requests,
            functions_usd: bill.functions,
            streams_usd: bill.streams,
            table_usd: bill.table,
            transfer_usd: bill.transfer,
            total_usd: bill.total(),
        }
    }
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostDay {
    /// Which (UTC), `2026-11-21`.
    pub day: String,
    /// What was done.
    #[serde(flatten)]
    pub spent: SpentOut,
}

/// What the installation costs at the list prices of AWS, without what is free every month.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostsOut {
    /// Oldest first; the last is today, up to about a minute ago.
    pub days: Vec<CostDay>,
    /// All of them.
    pub together: SpentOut,
    /// Bytes of the table; some hours old on AWS.
    pub table_bytes: u64,
    /// Bytes of the bucket.
    pub bucket_bytes: u64,
    /// Whether that is all of the bucket; only the first 20000 files are counted.
    pub bucket_counted: bool,
    /// What keeping both costs a month.
    pub stored_usd_month: f64,
}

/// Shows what the installation did in the last days and what that costs on AWS.
#[utoipa::path(get, path = "/api/admin/costs", tag = "admin",
    params(("days" = Option<i64>, Query, description = "1..31, default 7")),
    responses((status = 200, body = CostsOut), (status = 403, description = "not an administrator"),
        (status = 422, description = "parameters")))]
pub async fn show_costs(
    State(services): State<Services>,
    _: Admin,
    params: Params,
) -> ApiResult<Json<CostsOut>> {
    let days = params.integer("days", 7, 1..=31)?;
    let (store, now) = (&services.store, services.clock.now());
    // So that whoever looks sees what they did just now.
    store.save_spending(now).await?;
    let wanted = (0..days).rev().map(|back| day(now.plus_secs(-back * DAY)));
    let found: Vec<(String, Spent)> = iter(wanted)
        .map(|day| async move { store.spent_on(&day).await.map(|spent| (day, spent)) })
        .buffered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let mut together = Spent::default();
    for (_, spent) in &found {
        together += *spent;
    }
    let (table_bytes, bucket) = futures::try_join!(store.table_bytes(), store.bucket_bytes(PAGES))?;
    let (bucket_bytes, bucket_counted) = bucket;
    let row = |(day, spent): (String, Spent)| CostDay {
        day,
        spent: spent.into(),
    };
    Ok(Json(CostsOut {
        days: found.into_iter().map(row).collect(),
        together: together.into(),
        table_bytes,
        bucket_bytes,
        bucket_counted,
        stored_usd_month: kept(table_bytes, bucket_bytes),
    }))
}
