//! What a segment of events comes to: verdicts, changed state, feed and chunks. Reads, never writes.

use crate::frame;
use crate::intake::Posted;
use crate::segment::Context;
use crate::slot::{Slot, stream_of};
use crate::verdict::Verdict;
use domain::access::{self, Actor, Given, Role};
use domain::account::UserId;
use domain::batch::first_attempt;
use domain::event::{Detail, Event, EventKind};
use domain::fold;
use domain::host::UNKNOWN_HOST;
use domain::ids::event_fingerprint;
use domain::limits::HOST_CHARS;
use domain::notice::{Notice, NoticeKind};
use domain::project::{self, Project};
use domain::retention::Rule;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::StoreError;
use store::batches::{env_write, marker_write, project_key};
use store::chunks::{Record, Stream};
use store::feed::FeedEvent;
use store::hosts::OwnedHost;
use store::notices::notice_write;
use store::projects::create_writes;
use store::table::{Expect, Write};
use wire::{Code, Reject};

/// What becomes one chunk: new detail of one stream, and of snapshots only those of one host.
pub type Group = (Stream, Option<OwnedHost>);

/// New events of one group.
#[derive(Default)]
pub struct Fresh {
    /// Fingerprints in order.
    pub prints: Vec<u64>,
    /// Records in order.
    pub records: Vec<Record>,
}

/// A verdict that may still wait for its row id.
pub enum Pending {
    /// Settled.
    Settled(Verdict),
    /// The event with this index among the new ones of its group.
    New(Group, usize),
    /// A repeat of such an event inside the same segment.
    Twin(Group, usize),
}

/// What to write.
#[derive(Default)]
pub struct Plan {
    /// One per event.
    pub pending: Vec<Pending>,
    /// New events for viewers.
    pub feed: Vec<FeedEvent>,
    /// New detail.
    pub chunks: BTreeMap<Group, Fresh>,
    /// Markers, environment and what people hear of it, written with the effects.
    pub markers: Vec<Write>,
    /// The batch summary says something new.
    pub batch_changed: bool,
    /// The batch moved to another project.
    pub project_changed: bool,
    /// Jobs changed by lifecycle events: written with the markers.
    pub lifecycle_jobs: BTreeSet<String>,
    /// Jobs changed by detail only.
    pub detail_jobs: BTreeSet<String>,
    /// The batch's revision tells of some of these: they are written before it.
    pub jobs_first: bool,
    /// The project this batch is the first of, and its entry in the one it leaves.
    pub project: Vec<Write>,
    given: HashMap<UserId, Given>,
    marker_rows: HashMap<String, u64>,
    in_segment: HashMap<(Stream, u64), (Group, usize)>,
}

impl Plan {
    /// Reads what is needed and folds `items` into the slot's view.
    pub async fn make(
        env: &Context<'_>,
        slot: &mut Slot,
        items: &[(Actor, Posted)],
    ) -> Result<Self, StoreError> {
        slot.refresh(env.store, env.batch, env.now).await?;
        if slot.batch_rev.is_none() && slot.batch().is_none() {
            slot.born_here = env.exclusive;
        }
        let mut plan = Self::default();
        plan.load(env, slot, items).await?;
        let stored = slot.batch().filter(|_| slot.batch_rev.is_some());
        let entry = stored.map(project_key);
        for (actor, item) in items {
            let pending = plan.judge(env, slot, *actor, item)?;
            plan.pending.push(pending);
        }
        let stays = slot.batch().map(project_key) == entry;
        let left = entry.filter(|_| plan.project_changed && !stays);
        plan.project
            .extend(left.map(|key| Write::Delete(key, Expect::Anything)));
        if slot.batch_rev.is_none() || plan.project_changed {
            plan.enrol(env, slot).await?;
        }
        Ok(plan)
    }

    async fn load(
        &mut self,
        env: &Context<'_>,
        slot: &mut Slot,
        items: &[(Actor, Posted)],
    ) -> Result<(), StoreError> {
        self.load_given(env, slot, items).await?;
        let lifecycle: Vec<String> = items
            .iter()
            .filter(|(_, item)| item.detail.is_none())
            .filter_map(|(_, item)| item.event_id.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        if !lifecycle.is_empty() && slot.batch_rev.is_some() {
            self.marker_rows = env.store.markers(env.batch, &lifecycle).await?;
        }
        let good = || {
            items
                .iter()
                .filter_map(|(_, item)| item.event.as_ref().ok())
        };
        let jobs: BTreeSet<String> = good()
            .filter(|e| e.kind.needs_job())
            .filter_map(|e| e.job_id.clone())
            .collect();
        slot.load_jobs(env.store, env.batch, jobs.into_iter().collect())
            .await?;
        let streams: BTreeSet<Stream> = items
            .iter()
            .filter_map(|(_, item)| stream_of_posted(item))
            .collect();
        for stream in streams {
            // A job that does not exist yet has no epochs to repeat.
            let unheard_of = stream.kind == Detail::Epochs
                && slot.job_revs.get(&stream.job).is_some_and(Option::is_none)
                && !slot.view.jobs.contains_key(&stream.job)
                && env.exclusive;
            if unheard_of {
                slot.streams.entry(stream).or_default();
            } else {
                slot.load_stream(env.store, &stream, env.exclusive).await?;
            }
        }
        Ok(())
    }

    /// What each reporter was given who is not the owner.
    async fn load_given(
        &mut self,
        env: &Context<'_>,
        slot: &Slot,
        items: &[(Actor, Posted)],
    ) -> Result<(), StoreError> {
        let Some(batch) = slot.batch() else {
            return Ok(());
        };
        for (actor, _) in items {
            let known = self.given.contains_key(&actor.user_id);
            if !known && !access::may_report(*actor, batch, Given::default()) {
                let given = env.store.given(Some(actor.user_id), batch).await?;
                self.given.insert(actor.user_id, given);
            }
        }
        Ok(())
    }

    /// Puts a new batch into its project if its owner takes part there; the first batch of a name
    /// makes the project.
    async fn enrol(&mut self, env: &Context<'_>, slot: &mut Slot) -> Result<(), StoreError> {
        let Some(batch) = slot.view.batch.as_mut() else {
            return Ok(());
        };
        let Some(owner) = batch.owner_id else {
            return Ok(());
        };
        batch.enrolled = match env.store.project(&batch.project).await? {
            Some(_) => {
                let role = env.store.role_in(&batch.project, owner).await?;
                role >= Some(Role::Editor)
            }
            None => {
                let project = Project::new(&batch.project, owner, env.now);
                self.project.extend(create_writes(&project)?);
                true
            }
        };
        Ok(())
    }

    fn judge(
        &mut self,
        env: &Context<'_>,
        slot: &mut Slot,
        actor: Actor,
        item: &Posted,
    ) -> Result<Pending, StoreError> {
        let settled = |verdict| Ok(Pending::Settled(verdict));
        let given = self.given.get(&actor.user_id).copied();
        let given = given.unwrap_or_default();
        let foreign = |batch| !access::may_report(actor, batch, given);
        if !actor.reaches(env.batch) || slot.batch().is_some_and(foreign) {
            return settled(Verdict::Rejected(Reject::new(
                Code::BatchForeign,
                [env.batch],
            )));
        }
        let stream = stream_of_posted(item);
        if let Some(known) = self.known(slot, stream.as_ref(), item) {
            return Ok(known);
        }
        let event = match &item.event {
            Ok(event) => event,
            Err(reject) => return settled(Verdict::Rejected(reject.clone())),
        };
        // Sample data is made by the server alone.
        if project::is_demo(&event.source.project) {
            let foreign = Reject::new(Code::BatchForeign, [env.batch]);
            return settled(Verdict::Rejected(foreign));
        }
        slot.unsaved.events += 1;
        slot.unsaved.bytes += event.data_json.len() as u64;
        if event.kind == EventKind::ResourceSnapshot {
            slot.unsaved.note_gpus(&wire::gpus::utils(&event.data_json));
        }
        let had_env = slot.batch().is_some_and(|b| b.has_env);
        let change = fold::apply(&mut slot.view, event, actor.user_id, env.now);
        self.batch_changed |= change.batch;
        self.jobs_first |= change.kept_job;
        self.project_changed |= change.project;
        if slot.batch().is_some() {
            self.feed.push(frame::of(event));
        }
        match stream {
            Some(stream) => {
                if let Some(job) = event.job_id.as_ref().filter(|_| change.job) {
                    self.detail_jobs.insert(job.clone());
                }
                let attempt = slot.batch().map_or(first_attempt(), |batch| batch.attempt);
                let owner = slot.batch().and_then(|batch| batch.owner_id);
                // A snapshot may come before its batch; then it belongs to who reports it.
                let owner = owner.unwrap_or(actor.user_id);
                self.add_detail(stream, event, owner, attempt)
                    .map(|(group, i)| Pending::New(group, i))
            }
            None => {
                let row = env.store.row_ids.take(env.now, 1);
                let until = env.kept.from_arrival(Rule::OtherEvents, env.now);
                self.markers.push(marker_write(event, row, env.now, until));
                self.marker_rows.insert(event.event_id.clone(), row);
                if let Some(notice) = change
                    .notice
                    .and_then(|kind| notice(env, slot, event, kind))
                {
                    self.markers.push(notice_write(row, &notice, None)?);
                }
                if event.kind == EventKind::EnvSnapshot && !had_env {
                    let env = env_write(env.batch, &event.data_json, actor.user_id);
                    self.markers.push(env);
                }
                if let Some(job) = event.job_id.as_ref().filter(|_| change.job) {
                    self.lifecycle_jobs.insert(job.clone());
                }
                settled(Verdict::Accepted(row))
            }
        }
    }

    /// The verdict on an event that is stored, or was met earlier in this segment.
    fn known(&self, slot: &Slot, stream: Option<&Stream>, item: &Posted) -> Option<Pending> {
        let id = item.event_id.as_deref()?;
        let Some(stream) = stream else {
            let row = self.marker_rows.get(id)?;
            return Some(Pending::Settled(Verdict::Duplicate(*row)));
        };
        let print = event_fingerprint(id);
        if let Some(row) = slot
            .streams
            .get(stream)
            .and_then(|known| known.rows.get(&print))
        {
            return Some(Pending::Settled(Verdict::Duplicate(*row)));
        }
        let (group, twin) = self.in_segment.get(&(stream.clone(), print))?;
        Some(Pending::Twin(group.clone(), *twin))
    }

    fn add_detail(
        &mut self,
        stream: Stream,
        event: &Event,
        owner: UserId,
        attempt: u32,
    ) -> Result<(Group, usize), StoreError> {
        let data = RawValue::from_string(event.data_json.clone())
            .map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let print = event_fingerprint(&event.event_id);
        let is_log = stream.kind == Detail::Logs;
        let host = match stream.kind {
            Detail::Snapshots => Some(host_of(event)),
            Detail::Epochs | Detail::Logs => None,
        };
        let of = host.clone().map(|host| OwnedHost { owner, host });
        let group = (stream.clone(), of);
        let fresh = self.chunks.entry(group.clone()).or_default();
        let index = fresh.records.len();
        fresh.prints.push(print);
        fresh.records.push(Record {
            event_id: is_log.then(|| event.event_id.clone()),
            time: event.time.text.clone(),
            attempt,
            host,
            data,
        });
        self.in_segment
            .insert((stream, print), (group.clone(), index));
        Ok((group, index))
    }
}

/// What people are told of an event that was just folded.
fn notice(env: &Context<'_>, slot: &Slot, event: &Event, kind: NoticeKind) -> Option<Notice> {
    let batch = slot.batch()?;
    if kind != NoticeKind::JobFailed {
        return Some(Notice::of_batch(kind, batch, env.now));
    }
    let job = slot.view.jobs.get(event.job_id.as_ref()?)?;
    Some(Notice::of_job(kind, batch, job, env.now))
}

/// Host of a snapshot: the envelope's, else the payload's. Cut, since it stands in items of its own.
fn host_of(event: &Event) -> String {
    #[derive(Deserialize)]
    struct Named {
        host: Option<String>,
    }
    let named = |host: &String| !host.trim().is_empty();
    let source = event.source.host.clone().filter(named);
    source
        .or_else(|| serde_json::from_str::<Named>(&event.data_json).ok()?.host)
        .filter(named)
        .map(|host| host.chars().take(HOST_CHARS).collect())
        .unwrap_or_else(|| UNKNOWN_HOST.to_owned())
}

fn stream_of_posted(item: &Posted) -> Option<Stream> {
    item.detail
        .map(|kind| stream_of(kind, &item.batch_id, item.job_id.as_deref()))
}
