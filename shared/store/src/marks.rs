//! Pins and stars: what people mark for themselves, below their account.
//!
//! Pins are one item per user, so that its revision guards the quota. Stars have no quota and are
//! an item each.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::mark::{Pin, Star, StarTarget};
use std::collections::HashSet;

impl Store {
    /// Pins of a user, oldest first; revision 0 while there never were any.
    pub async fn pins(&self, user: UserId) -> Result<Versioned<Vec<Pin>>, StoreError> {
        match self.table.get(&keys::pins(user)).await? {
            Some(item) => decode(&item),
            None => Ok(Versioned {
                value: vec![],
                rev: 0,
            }),
        }
    }

    /// Replaces the pins read at revision `rev`; [`StoreError::Conflict`] when they changed since.
    pub async fn save_pins(&self, user: UserId, pins: &[Pin], rev: u64) -> Result<(), StoreError> {
        let item = encode(&keys::pins(user), rev + 1, &pins)?;
        let expect = match rev {
            0 => Expect::Absent,
            rev => Expect::Rev(rev),
        };
        self.table.write(Write::Put(item, expect)).await
    }

    /// Stars of a user, in no order.
    pub async fn stars(&self, user: UserId) -> Result<Vec<Star>, StoreError> {
        let items = self
            .table
            .partition(&keys::user_partition(user))
            .prefix(keys::STAR_PREFIX)
            .all()
            .await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }

    /// Names of the projects a user starred.
    pub async fn starred_projects(&self, user: UserId) -> Result<HashSet<String>, StoreError> {
        let stars = self.stars(user).await?.into_iter();
        let of_projects = stars.filter(|star| star.target_type == StarTarget::Project);
        Ok(of_projects.map(|star| star.target_id).collect())
    }

    /// Adds a star; returns the one that is there, which may be older.
    pub async fn add_star(&self, user: UserId, star: Star) -> Result<Star, StoreError> {
        let key = keys::star(user, star.target_type, &star.target_id);
        let put = Write::Put(encode(&key, 1, &star)?, Expect::Absent);
        match self.table.write(put).await {
            Ok(()) => Ok(star),
            Err(StoreError::Conflict) => match self.table.get(&key).await? {
                Some(item) => Ok(decode(&item)?.value),
                // Taken away in between: whoever did so came last.
                None => Ok(star),
            },
            Err(error) => Err(error),
        }
    }

    /// Takes a star away, if it is there.
    pub async fn remove_star(
        &self,
        user: UserId,
        target: StarTarget,
        id: &str,
    ) -> Result<(), StoreError> {
        let key = keys::star(user, target, id);
        self.table.write(Write::Delete(key, Expect::Anything)).await
    }
}
