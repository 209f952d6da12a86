//! Closing an account: it dies in one transaction, and what it leaves is removed afterwards by
//! whoever gets to it, as often as it takes.

use crate::Store;
use crate::accounts::ROUNDS;
use crate::admins::admins_write;
use crate::audit::{AuditRow, audit_write};
use crate::batch_lists::BatchList;
use crate::cull::Cull;
use crate::error::StoreError;
use crate::feed::FeedEvent;
use crate::grants::Grant;
use crate::item::{decode, encode, n, number, text};
use crate::keys::{self, Key};
use crate::pause::after_lost_race;
use crate::table::{Expect, Write};
use domain::account::{ApiToken, User, UserId};
use domain::agent::Agent;
use domain::batch::Batch;
use domain::time::Timestamp;
use std::collections::BTreeMap;

/// Rows read together.
const PAGE: usize = 100;
/// Seconds after which nothing can still arrive under a closed account: credentials are cached
/// for less by other instances.
const QUIET_SECS: i64 = 60;

/// What became of a wish to close an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is gone.
    Yes,
    /// It is the last administrator's.
    LastAdmin,
    /// There is no such account, or no more.
    Missing,
}

impl Store {
    /// Closes an account: user, claims and list entry go in one transaction with the audit row;
    /// every session and token is dead with it. What remains is on the list of
    /// [`Store::finish_closings`].
    pub async fn close_account(
        &self,
        id: UserId,
        row: &Write,
        now: Timestamp,
    ) -> Result<Closed, StoreError> {
        for round in 0..ROUNDS {
            let Some(found) = self.user(id).await? else {
                return Ok(Closed::Missing);
            };
            let user = found.value;
            let mut writes = vec![Write::Delete(keys::user(id), Expect::Rev(found.rev))];
            if user.is_admin {
                let (rev, others) = self.other_admins(id).await?;
                if !others {
                    return Ok(Closed::LastAdmin);
                }
                writes.push(admins_write(rev)?);
            }
            writes.extend(claims_of(&user).map(|key| Write::Delete(key, Expect::Anything)));
            let mut entry = encode(&keys::closing(id), 1, &user.username)?;
            entry.insert("user".into(), n(id));
            entry.insert("at".into(), n(now.0));
            writes.push(Write::Put(entry, Expect::Anything));
            writes.push(row.clone());
            match self.table.transact(writes).await {
                Ok(()) => return Ok(Closed::Yes),
                Err(StoreError::ConditionAt(_)) => after_lost_race(round, 2).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the account keeps changing".into()))
    }

    /// Goes on with every closed account: its batches are marked as deleted, its rows removed.
    /// May be interrupted and repeated at any point. Returns how many accounts still remain on
    /// the list.
    pub async fn finish_closings(&self, now: Timestamp) -> Result<usize, StoreError> {
        let entries = self.table.partition(keys::CLOSING).take(PAGE).await?;
        let mut left = 0;
        for entry in &entries {
            let Some(id) = number(entry, "user") else {
                return Err(StoreError::Corrupt("closing without user".into()));
            };
            self.finish_closing(id, now).await?;
            let at = number(entry, "at").and_then(|ms| i64::try_from(ms).ok());
            let quiet = now.secs_since(Timestamp(at.unwrap_or(0))) >= QUIET_SECS as f64;
            if quiet {
                let done = Write::Delete(keys::closing(id), Expect::Anything);
                self.table.write(done).await?;
            } else {
                left += 1;
            }
        }
        Ok(left)
    }

    /// Goes on with one closed account.
    pub async fn finish_closing(&self, id: UserId, now: Timestamp) -> Result<(), StoreError> {
        let list = [BatchList::Of(id)];
        let mut before: Option<String> = None;
        loop {
            let (page, next) = self.list_batches(&list, before.as_deref(), PAGE).await?;
            for (_, found) in page {
                self.delete_left_batch(found.value, found.rev, id, now)
                    .await?;
            }
            before = next;
            if before.is_none() {
                break;
            }
        }
        self.remove_rows(id).await
    }

    async fn delete_left_batch(
        &self,
        mut batch: Batch,
        rev: u64,
        owner: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if batch.deleted_at.is_some() {
            return Ok(());
        }
        batch.deleted_at = Some(now);
        let row_id = self.row_ids.take(now, 1);
        let event_id = format!("closed-{row_id:016x}");
        let event = FeedEvent::of_server(
            "batch_deleted",
            &event_id,
            &batch,
            now,
            &serde_json::json!({}),
        )?;
        let row = AuditRow {
            id: row_id,
            at: now,
            user_id: Some(owner),
            action: "batch_deleted".into(),
            target_type: "batch".into(),
            target_id: batch.id.clone(),
            ip: None,
            metadata: BTreeMap::from([("via".into(), "account".into())]),
        };
        let _told = self.append_feed(&batch.id, vec![event], None, now).await?;
        let also = vec![audit_write(&row)?];
        match self.save_batch(&batch, rev, also).await {
            // Ingest was faster; the next round finds the newer version.
            Err(StoreError::ConditionAt(_)) => Ok(()),
            other => other,
        }
    }

    async fn remove_rows(&self, id: UserId) -> Result<(), StoreError> {
        loop {
            let pk = keys::user_partition(id);
            let rows = self.table.partition(&pk).take(PAGE).await?;
            for row in &rows {
                let sk = text(row, "sk")?;
                if sk.starts_with(keys::TOKEN_PREFIX) {
                    let token: ApiToken = decode(row)?.value;
                    let claim = keys::token_lookup(&token.lookup);
                    self.table
                        .write(Write::Delete(claim, Expect::Anything))
                        .await?;
                }
                if sk.starts_with(keys::AGENT_PREFIX) {
                    let agent: Agent = decode(row)?.value;
                    let claim = keys::agent_lookup(&agent.lookup);
                    self.table
                        .write(Write::Delete(claim, Expect::Anything))
                        .await?;
                }
                if sk.starts_with(keys::GRANT_PREFIX) || sk.starts_with(keys::OWNER_SHARE_PREFIX) {
                    // The other half of it lies with whoever gave or got it.
                    let grant: Grant = decode(row)?.value;
                    self.table.transact(grant.take().to_vec()).await?;
                }
                if sk.starts_with(keys::LINK_PREFIX) {
                    let link = self.link(text(row, "slug")?).await?;
                    if let Some((link, _)) = link {
                        self.remove_link(&link, vec![]).await?;
                    }
                }
                let key = Key {
                    pk: pk.clone(),
                    sk: sk.to_owned(),
                };
                self.table
                    .write(Write::Delete(key, Expect::Anything))
                    .await?;
            }
            if rows.len() < PAGE {
                break;
            }
        }
        let mut cull = Cull::default();
        for pk in [keys::notifications_of(id), keys::hosts_of(id)] {
            self.purge_range(|| self.table.partition(&pk), &mut cull)
                .await?;
        }
        Ok(())
    }
}

/// Whatever points at a user from outside its partition.
fn claims_of(user: &User) -> impl Iterator<Item = Key> {
    let fixed = [
        keys::username_claim(&user.username),
        keys::email_claim(&user.email),
        keys::user_entry(user.id),
    ];
    let links = user.links.iter();
    let links = links.map(|link| keys::provider_claim(&link.provider, &link.subject));
    fixed.into_iter().chain(links.collect::<Vec<_>>())
}
