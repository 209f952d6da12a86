//! `GET /api/meta/hints`: what empty lists say.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, header};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wire::Locale;

/// List, English, Chinese.
const HINTS: [(&str, &str, &str); 11] = [
    (
        "empty_hosts",
        "No hosts yet. Set ARGUS_URL and ARGUS_TOKEN on a training machine and start a run; its reporter sends the gauges.",
        "暂无主机。请在训练机器上设置 ARGUS_URL 和 ARGUS_TOKEN 并启动一次训练，reporter 会自动上报资源数据。",
    ),
    (
        "empty_batches",
        "No batches yet. Start a training script that reports here, and its batch appears by itself.",
        "暂无批次。启动一个向此处上报的训练脚本后，批次会自动出现。",
    ),
    (
        "empty_jobs",
        "No jobs here. A job appears as soon as its script reports that it began.",
        "暂无任务。脚本上报任务开始后，任务会立即显示。",
    ),
    (
        "empty_projects",
        "No projects yet. The first batch reported under a project name creates it.",
        "暂无项目。以某个项目名上报首个批次后，该项目会自动创建。",
    ),
    (
        "empty_notifications",
        "Nothing to report. Failed, stalled and diverged runs are told here.",
        "暂无通知。失败、停滞或发散的训练会在此提示。",
    ),
    (
        "empty_pins",
        "Nothing pinned. Pin up to four batches to compare them side by side.",
        "暂无置顶。最多可置顶四个批次进行并排比较。",
    ),
    (
        "empty_shared",
        "Nothing was shared with you. Owners can share a batch or a whole project by your user name.",
        "暂无共享内容。所有者可通过您的用户名共享单个批次或整个项目。",
    ),
    (
        "empty_stars",
        "Nothing starred. Star a project or batch to keep it on top.",
        "暂无收藏。收藏项目或批次后会显示在最前面。",
    ),
    (
        "empty_search",
        "Nothing matches. Try fewer words or another filter.",
        "没有匹配的结果。请减少关键词或更换筛选条件。",
    ),
    (
        "empty_events",
        "No events yet. They appear here while a run reports.",
        "暂无事件。训练上报时事件会显示在此处。",
    ),
    (
        "empty_artifacts",
        "No files. A script can attach plots, checkpoints and tables to a job.",
        "暂无文件。脚本可为任务附加图表、检查点和表格。",
    ),
];

/// Texts for empty lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetaHintsOut {
    /// Their language: `en-US` or `zh-CN`.
    pub locale: &'static str,
    /// Texts by list.
    pub hints: BTreeMap<&'static str, &'static str>,
}

/// Lists what to say where nothing is, in the language asked for.
#[utoipa::path(get, path = "/api/meta/hints", tag = "meta",
    responses((status = 200, body = MetaHintsOut)))]
pub async fn show_hints(
    headers: HeaderMap,
) -> ([(HeaderName, &'static str); 1], Json<MetaHintsOut>) {
    let asked = headers.get(header::ACCEPT_LANGUAGE);
    let locale = Locale::negotiate(asked.and_then(|value| value.to_str().ok()));
    let hints = HINTS.iter().map(|(list, english, chinese)| match locale {
        Locale::English => (*list, *english),
        Locale::Chinese => (*list, *chinese),
    });
    let out = MetaHintsOut {
        locale: locale.as_str(),
        hints: hints.collect(),
    };
    ([(header::VARY, "accept-language")], Json(out))
}
