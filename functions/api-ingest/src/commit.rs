//! The writes of a planned segment, in the order [`crate::segment`] explains.

use crate::plan::{Fresh, Group, Pending, Plan};
use crate::segment::Context;
use crate::slot::Slot;
use crate::verdict::Verdict;
use domain::limits::TOUCH_SECS;
use domain::retention::Rule;
use futures::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use store::StoreError;
use store::batches::{active_write, batch_write, failures_write, job_write, project_entry};
use store::chunks::Chunk;
use store::feed::Appended;
use store::table::Write;

/// What a segment put into the feed. Viewers hear of it when this is dropped.
#[derive(Default)]
pub struct Told {
    /// Event ids, so that a segment that starts over does not tell them again.
    pub ids: HashSet<String>,
    appended: Vec<Appended>,
}

/// Writes the plan; the slot then reflects what is stored.
pub async fn carry_out(
    env: &Context<'_>,
    slot: &mut Slot,
    mut plan: Plan,
    told: &mut Told,
) -> Result<Vec<Verdict>, StoreError> {
    let feed = std::mem::take(&mut plan.feed);
    let head = slot.feed_head;
    let publish = async {
        if feed.is_empty() {
            return Ok(head);
        }
        let ids: Vec<String> = feed
            .iter()
            .filter_map(|event| event.event_id.clone())
            .collect();
        let appended = env
            .store
            .append_feed(env.batch, feed, head, env.now)
            .await?;
        let head = appended.head;
        told.ids.extend(ids);
        told.appended.push(appended);
        Ok(Some(head))
    };
    if plan.markers.is_empty() {
        let state = write_state(env, slot, &plan)?;
        let (head, ()) = futures::try_join!(publish, state)?;
        slot.feed_head = head;
    } else {
        slot.feed_head = publish.await?;
        write_state(env, slot, &plan)?.await?;
    }
    note_revisions(slot, &plan, env);
    let rows = store_chunks(env, slot, plan.chunks).await?;
    Ok(plan
        .pending
        .into_iter()
        .map(|pending| match pending {
            Pending::Settled(verdict) => verdict,
            Pending::New(group, i) => Verdict::Accepted(rows[&group] + i as u64),
            Pending::Twin(group, i) => Verdict::Duplicate(rows[&group] + i as u64),
        })
        .collect())
}

/// Batch and job summaries: what lifecycle events changed goes into one transaction with their
/// markers, the rest are single puts beside it.
fn write_state<'a>(
    env: &Context<'a>,
    slot: &Slot,
    plan: &Plan,
) -> Result<impl Future<Output = Result<(), StoreError>> + use<'a>, StoreError> {
    let mut together = plan.markers.clone();
    let mut alone = Vec::new();
    if let Some(batch) = &slot.batch_to_write() {
        let touch = env.now.secs() - slot.touched_at.secs() >= TOUCH_SECS;
        if plan.batch_changed {
            together.push(batch_write(batch, slot.batch_rev)?);
            together.push(active_write(batch));
            together.extend(failures_write(batch));
            if slot.batch_rev.is_none() || plan.project_changed {
                together.push(project_entry(batch));
                together.extend(plan.project.iter().cloned());
            }
        } else if touch {
            alone.push(batch_write(batch, slot.batch_rev)?);
        }
    }
    for (id, target) in jobs_to_write(plan) {
        let Some(job) = slot.view.jobs.get(id) else {
            continue;
        };
        let write = job_write(job, slot.job_rev(id))?;
        match target {
            Target::Together => together.push(write),
            Target::Alone => alone.push(write),
        }
    }
    let table = &env.store.table;
    let jobs_first = plan.jobs_first;
    Ok(async move {
        let transaction = async {
            if together.is_empty() {
                Ok(())
            } else {
                table.transact(together).await
            }
        };
        let singles = try_join_all(alone.into_iter().map(|write: Write| table.write(write)));
        if jobs_first {
            singles.await?;
            return transaction.await;
        }
        futures::try_join!(transaction, singles)?;
        Ok(())
    })
}

enum Target {
    Together,
    Alone,
}

fn jobs_to_write(plan: &Plan) -> impl Iterator<Item = (&String, Target)> {
    let lifecycle = plan.lifecycle_jobs.iter().map(|id| (id, Target::Together));
    let detail = plan.detail_jobs.difference(&plan.lifecycle_jobs);
    lifecycle.chain(detail.map(|id| (id, Target::Alone)))
}

fn note_revisions(slot: &mut Slot, plan: &Plan, env: &Context<'_>) {
    let touch = env.now.secs() - slot.touched_at.secs() >= TOUCH_SECS;
    if slot.batch().is_some() && (plan.batch_changed || touch) {
        slot.note_written();
        let rev = slot.batch_rev.map_or(1, |rev| rev + 1);
        slot.batch_rev = Some(rev);
        slot.touched_at = env.now;
        let changed = jobs_to_write(plan).filter_map(|(id, _)| slot.view.jobs.get(id));
        env.store.digests.advance(env.batch, rev, changed);
    }
    let written: Vec<String> = jobs_to_write(plan).map(|(id, _)| id.clone()).collect();
    for id in written {
        let rev = slot.job_rev(&id).map_or(1, |rev| rev + 1);
        slot.job_revs.insert(id, Some(rev));
    }
}

/// Stores new detail and remembers it; returns the first row id per group.
async fn store_chunks(
    env: &Context<'_>,
    slot: &mut Slot,
    fresh: BTreeMap<Group, Fresh>,
) -> Result<BTreeMap<Group, u64>, StoreError> {
    let hosts: BTreeSet<_> = fresh.keys().filter_map(|(_, host)| host.clone()).collect();
    env.hosts.note(env.store, hosts, env.now).await?;
    let mut first = BTreeMap::new();
    let mut chunks = Vec::with_capacity(fresh.len());
    for ((stream, host), Fresh { prints, records }) in fresh {
        let id = env.store.row_ids.take(env.now, records.len());
        let known = slot.streams.entry(stream.clone()).or_default();
        known.rows.extend(prints.iter().copied().zip(id..));
        known.newest = known.newest.max(Some(id));
        first.insert((stream.clone(), host.clone()), id);
        let name = host.as_ref().map(|of| of.host.as_str());
        let rule = Rule::of(stream.kind, name);
        chunks.push(Chunk {
            stream,
            id,
            host,
            received_at: env.now,
            expires_at: env.kept.from_arrival(rule, env.now),
            fingerprints: prints,
            records,
        });
    }
    env.store.put_chunks(chunks).await?;
    Ok(first)
}
