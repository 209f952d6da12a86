//! What a list of batches or jobs is narrowed to.

use domain::batch::Batch;
use domain::job::Job;
use domain::query::{Query, Subject};
use domain::time::Timestamp;
use runtime::Services;
use serde_json::json;
use std::collections::HashMap;
use web::{ApiError, ApiResult, Invalid, Params};
use wire::Code;

/// Plain filters and the query, all of which must hold.
pub struct Filter {
    user: Option<String>,
    /// Project.
    pub project: Option<String>,
    status: Option<String>,
    host: Option<String>,
    owner: Option<String>,
    tags: Vec<String>,
    text: Option<String>,
    /// Started at or after.
    pub since: Option<Timestamp>,
    until: Option<Timestamp>,
    query: Query,
}

impl Filter {
    /// Reads the parameters both lists share.
    pub fn read(params: &Params, now: Timestamp) -> ApiResult<Self> {
        let text = |name| {
            params
                .text(name)
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
        };
        let list = |text: &str| text.split(',').map(|t| t.trim().to_owned()).collect();
        let query = params.text("q").unwrap_or_default();
        let query = Query::parse(query, now).map_err(|error| {
            let params = [(error.at + 1).to_string(), error.problem];
            ApiError::with(Code::QueryInvalid, params)
        })?;
        Ok(Self {
            user: text("user"),
            project: text("project"),
            status: text("status"),
            host: text("host"),
            owner: text("owner"),
            tags: params
                .text("tag")
                .or(params.text("tags"))
                .map(list)
                .unwrap_or_default(),
            text: text("text"),
            since: instant(params, "since", now)?,
            until: instant(params, "until", now)?,
            query,
        })
    }

    /// Whether a batch can only be judged with its jobs.
    pub fn asks_about_jobs(&self) -> bool {
        self.query.asks_about_jobs()
    }

    /// Whether owners' names are needed.
    pub fn asks_about_owner(&self) -> bool {
        self.owner.is_some() || self.query.asks_about_owner()
    }

    fn admits_tags(&self, subject: &Subject<'_>) -> bool {
        let has = |tag: &String| subject.tags().any(|has| has == tag);
        self.tags.iter().all(has)
    }

    /// Whether `batch` or jobs of it may be listed, as far as it alone can tell.
    pub fn admits_batch(&self, batch: &Batch, owner: Option<&str>) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| is == Some(wanted))
        };
        let owner_id = batch.owner_id.map(|id| id.to_string());
        same(&self.user, batch.user.as_deref())
            && same(&self.project, Some(&batch.project))
            && same(&self.host, batch.host.as_deref())
            && (same(&self.owner, owner) || same(&self.owner, owner_id.as_deref()))
    }

    /// Whether `batch` is listed; `jobs` are looked at when the query asks about them.
    pub fn lists_batch(&self, batch: &Batch, jobs: Option<&[Job]>, owner: Option<&str>) -> bool {
        let subject = |job| Subject {
            batch,
            job,
            owner,
            lists_jobs: false,
        };
        let started = batch.start_time.at;
        self.admits_batch(batch, owner)
            && self.admits_tags(&subject(None))
            && self
                .status
                .as_deref()
                .is_none_or(|status| status == batch.status.as_str())
            && self.since.is_none_or(|since| started >= since)
            && self.until.is_none_or(|until| started < until)
            && self
                .text
                .as_deref()
                .is_none_or(|text| subject(None).mentions(text))
            && match jobs {
                Some(jobs) if !jobs.is_empty() => {
                    jobs.iter().any(|job| self.query.holds(&subject(Some(job))))
                }
                _ => self.query.holds(&subject(None)),
            }
    }

    /// Whether `job` of an admitted `batch` is listed.
    pub fn lists_job(&self, batch: &Batch, job: &Job, owner: Option<&str>) -> bool {
        let subject = Subject {
            batch,
            job: Some(job),
            owner,
            lists_jobs: true,
        };
        let started = job.start_time.at;
        let status = self.status.as_deref();
        status.is_none_or(|status| status.eq_ignore_ascii_case(&job.status))
            && self.admits_tags(&subject)
            && self.since.is_none_or(|since| started >= since)
            && self.until.is_none_or(|until| started < until)
            && self
                .text
                .as_deref()
                .is_none_or(|text| subject.mentions(text))
            && self.query.holds(&subject)
    }
}

/// An instant, a date, or a span back from now.
fn instant(params: &Params, name: &str, now: Timestamp) -> ApiResult<Option<Timestamp>> {
    let Some(text) = params.text(name).filter(|t| !t.is_empty()) else {
        return Ok(None);
    };
    let read = Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
        .or_else(|| Timestamp::back(text, now));
    read.map(Some).ok_or_else(|| {
        let msg = "Input should be an RFC 3339 instant, a date, or a span such as 7d, 12h or 30m";
        let problem = Invalid::at(&["query", name], "datetime_parsing", msg, json!(text));
        ApiError::invalid(&[problem])
    })
}

/// User names by id, each read once.
#[derive(Default)]
pub struct Owners(HashMap<u64, Option<String>>);

impl Owners {
    /// The owner's name, read only when `filter` asks for it.
    pub async fn of(
        &mut self,
        services: &Services,
        filter: &Filter,
        batch: &Batch,
    ) -> ApiResult<Option<&str>> {
        let Some(id) = batch.owner_id.filter(|_| filter.asks_about_owner()) else {
            return Ok(None);
        };
        if let std::collections::hash_map::Entry::Vacant(unknown) = self.0.entry(id) {
            let user = services.store.user(id).await?;
            unknown.insert(user.map(|user| user.value.username));
        }
        Ok(self.0.get(&id).and_then(|name| name.as_deref()))
    }
}
