//! Who is administrator, and who may come in at all: changes that must leave somebody who can
//! undo them.

use crate::Store;
use crate::accounts::ROUNDS;
use crate::error::StoreError;
use crate::item::{decode, encode, number, text};
use crate::keys::{self, Key};
use crate::pause::after_lost_race;
use crate::table::{Expect, Write};
use domain::account::{User, UserId};

/// Name of the row that every change of who is administrator moves.
const ADMINS: &str = "admins";
/// Users read together.
const PAGE: usize = 100;

/// What became of a change of somebody's standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The account as it is now.
    Done(User),
    /// Nobody active would be administrator any more.
    LastAdmin,
    /// There is no such account.
    Missing,
}

impl Store {
    /// Changes whether somebody is administrator or active, with the audit row made from the
    /// account as it was. Of many such changes at once none takes the last administrator away.
    pub async fn change_standing(
        &self,
        id: UserId,
        change: impl Fn(&mut User),
        row: impl Fn(&User) -> Result<Write, StoreError>,
    ) -> Result<Standing, StoreError> {
        for round in 0..ROUNDS {
            let Some(found) = self.user(id).await? else {
                return Ok(Standing::Missing);
            };
            let before = found.value;
            let mut user = before.clone();
            change(&mut user);
            let item = encode(&keys::user(id), found.rev + 1, &user)?;
            let mut writes = vec![Write::Put(item, Expect::Rev(found.rev))];
            if leads(&before) && !leads(&user) {
                let (rev, others) = self.other_admins(id).await?;
                if !others {
                    return Ok(Standing::LastAdmin);
                }
                writes.push(admins_write(rev)?);
            }
            writes.push(row(&before)?);
            match self.table.transact(writes).await {
                Ok(()) => return Ok(Standing::Done(user)),
                Err(StoreError::ConditionAt(_)) => after_lost_race(round, 2).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("the account keeps changing".into()))
    }

    /// Revision of the administrators' row, and whether anybody active but `id` is one.
    pub(crate) async fn other_admins(&self, id: UserId) -> Result<(Option<u64>, bool), StoreError> {
        let row = self.table.get(&keys::system(ADMINS)).await?;
        let rev = row.and_then(|item| number(&item, "rev"));
        let mut after = String::new();
        loop {
            let range = self.table.partition(keys::USERS).after(&after);
            let page = range.take(PAGE).await?;
            let mut ids = Vec::with_capacity(page.len());
            for entry in &page {
                let sk = text(entry, "sk")?;
                ids.extend(sk.parse::<u64>().ok().filter(|other| *other != id));
                after = sk.to_owned();
            }
            let keys: Vec<Key> = ids.into_iter().map(keys::user).collect();
            for item in self.table.get_many(&keys).await? {
                if leads(&decode(&item)?.value) {
                    return Ok((rev, true));
                }
            }
            if page.len() < PAGE {
                return Ok((rev, false));
            }
        }
    }

    /// Up to `limit` users with ids below `before`, newest first.
    pub async fn users_before(
        &self,
        before: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<User>, StoreError> {
        let range = self.table.partition(keys::USERS).newest_first();
        let range = match before {
            Some(id) => range.below(&keys::number(id)),
            None => range,
        };
        let mut keys = Vec::new();
        for entry in range.take(limit).await? {
            keys.extend(text(&entry, "sk")?.parse().ok().map(keys::user));
        }
        let items = self.table.get_many(&keys).await?;
        let user = |item| decode(item).map(|found| found.value);
        let mut users: Vec<User> = items.iter().map(user).collect::<Result<_, _>>()?;
        users.sort_by_key(|user| std::cmp::Reverse(user.id));
        Ok(users)
    }
}

fn leads(user: &User) -> bool {
    user.is_admin && user.is_active
}

/// Moves the administrators' row from the revision it was read at.
pub(crate) fn admins_write(rev: Option<u64>) -> Result<Write, StoreError> {
    let item = encode(&keys::system(ADMINS), rev.unwrap_or(0) + 1, &())?;
    Ok(Write::Put(item, rev.map_or(Expect::Absent, Expect::Rev)))
}
