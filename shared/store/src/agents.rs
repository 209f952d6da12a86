//! Agents: listed below their owner, found by the public part of their token.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, Versioned, decode, encode, key_item, keys_of, n, number, s, text};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::agent::Agent;
use domain::limits::AGENTS_PER_USER;
use domain::time::Timestamp;

/// Rounds of an update that loses races.
const ROUNDS: usize = 8;
/// Agents of the walk over all of them.
const PAGE: usize = 200;

/// Puts of an agent; `before` is what it replaces. A token that was replaced leads nowhere from
/// then on.
fn agent_writes(
    agent: &Agent,
    before: Option<&Versioned<Agent>>,
) -> Result<Vec<Write>, StoreError> {
    let key = keys::agent(agent.user_id, &agent.id);
    let mut item = encode(&key, before.map_or(1, |b| b.rev + 1), agent)?;
    item.insert("gsi2pk".into(), s(keys::ALL_AGENTS));
    item.insert("gsi2sk".into(), s(&agent.id));
    let expect = before.map_or(Expect::Absent, |before| Expect::Rev(before.rev));
    let mut writes = vec![Write::Put(item, expect)];
    let old = before.map(|before| before.value.lookup.as_str());
    if old != Some(&agent.lookup) {
        let mut claim = key_item(&keys::agent_lookup(&agent.lookup));
        claim.insert("user".into(), n(agent.user_id));
        claim.insert("agent".into(), s(&agent.id));
        writes.push(Write::Put(claim, Expect::Absent));
        writes.extend(old.map(|old| Write::Delete(keys::agent_lookup(old), Expect::Anything)));
    }
    Ok(writes)
}

fn agents_of(items: &[Item]) -> Result<Vec<Agent>, StoreError> {
    items
        .iter()
        .map(|item| decode(item).map(|found| found.value))
        .collect()
}

impl Store {
    /// The agents of a user, by id.
    pub async fn agents(&self, user: UserId) -> Result<Vec<Agent>, StoreError> {
        let pk = keys::user_partition(user);
        let range = self.table.partition(&pk).prefix(keys::AGENT_PREFIX);
        agents_of(&range.take(AGENTS_PER_USER).await?)
    }

    /// Some agents of everybody, those after the cursor, and the cursor to go on with.
    pub async fn all_agents(
        &self,
        after: Option<&str>,
    ) -> Result<(Vec<Agent>, Option<String>), StoreError> {
        let mut range = self.table.index("gsi2", keys::ALL_AGENTS);
        if let Some(after) = after {
            range = range.after(after);
        }
        let entries = range.take(PAGE).await?;
        let last = entries.last().filter(|_| entries.len() == PAGE);
        let next = last.map(|entry| text(entry, "gsi2sk").map(str::to_owned));
        let agents = agents_of(&self.table.get_many(&keys_of(&entries)?).await?)?;
        Ok((agents, next.transpose()?))
    }

    /// An agent of a user.
    pub async fn agent(
        &self,
        user: UserId,
        id: &str,
    ) -> Result<Option<Versioned<Agent>>, StoreError> {
        let item = self.table.get(&keys::agent(user, id)).await?;
        item.as_ref().map(decode).transpose()
    }

    /// Whoever's agent this is.
    pub async fn agent_of_anybody(&self, id: &str) -> Result<Option<Versioned<Agent>>, StoreError> {
        let range = self.table.index("gsi2", keys::ALL_AGENTS).prefix(id);
        let entries = range.take(1).await?;
        let items = self.table.get_many(&keys_of(&entries)?).await?;
        let found = items.first().map(decode::<Agent>).transpose()?;
        Ok(found.filter(|found| found.value.id == id))
    }

    /// The agent whose token has this public part.
    pub async fn agent_by_lookup(&self, lookup: &str) -> Result<Option<Agent>, StoreError> {
        let Some(claim) = self.table.get(&keys::agent_lookup(lookup)).await? else {
            return Ok(None);
        };
        let user = number(&claim, "user").unwrap_or(0);
        let found = self.agent(user, text(&claim, "agent")?).await?;
        let found = found.map(|found| found.value);
        Ok(found.filter(|agent| agent.lookup == lookup))
    }

    /// Stores a new agent, or the newer version of one, with its audit row.
    ///
    /// # Errors
    /// [`StoreError::ConditionAt`] when it changed meanwhile, or the token's public part is taken.
    pub async fn put_agent(
        &self,
        agent: &Agent,
        before: Option<&Versioned<Agent>>,
        also: Vec<Write>,
    ) -> Result<(), StoreError> {
        let mut writes = agent_writes(agent, before)?;
        writes.extend(also);
        self.table.transact(writes).await?;
        let host = &agent.place.hostname;
        self.hub.daemon_changed(agent.user_id, host);
        Ok(())
    }

    /// Changes an agent by a function that may run again on a newer version; `None`: there is none.
    pub async fn update_agent(
        &self,
        user: UserId,
        id: &str,
        also: &[Write],
        mut change: impl FnMut(&mut Agent),
    ) -> Result<Option<Agent>, StoreError> {
        for _ in 0..ROUNDS {
            let Some(found) = self.agent(user, id).await? else {
                return Ok(None);
            };
            let mut agent = found.value.clone();
            change(&mut agent);
            if agent == found.value {
                return Ok(Some(agent));
            }
            match self.put_agent(&agent, Some(&found), also.to_vec()).await {
                Ok(()) => return Ok(Some(agent)),
                Err(StoreError::ConditionAt(_) | StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the agent keeps changing".into()))
    }

    /// Notes a sign of life.
    pub async fn touch_agent(&self, agent: &Agent, now: Timestamp) -> Result<(), StoreError> {
        let touched = self.update_agent(agent.user_id, &agent.id, &[], |agent| {
            agent.last_seen = agent.last_seen.max(now);
            agent.silence_told = false;
        });
        touched.await.map(|_| ())
    }

    /// Removes an agent, with its audit row: its token and those of its runs are dead.
    pub async fn remove_agent(&self, agent: &Agent, row: Write) -> Result<(), StoreError> {
        let key = keys::agent(agent.user_id, &agent.id);
        let claim = keys::agent_lookup(&agent.lookup);
        let writes = vec![
            Write::Delete(key, Expect::Present),
            Write::Delete(claim, Expect::Anything),
            Write::Delete(keys::watchdog(agent.user_id, &agent.id), Expect::Anything),
            row,
        ];
        self.table.transact(writes).await?;
        let host = &agent.place.hostname;
        self.hub.daemon_changed(agent.user_id, host);
        Ok(())
    }
}
