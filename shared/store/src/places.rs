//! Where users logged in from.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::place::Places;

/// Put of a user's places, for the transaction of the login. Of two logins at once the later one
/// wins: at worst a place is told of twice.
pub fn places_write(user: UserId, places: &Places) -> Result<Write, StoreError> {
    let item = encode(&keys::places(user), 1, places)?;
    Ok(Write::Put(item, Expect::Anything))
}

impl Store {
    /// Places of a user; none for somebody who never logged in.
    pub async fn places(&self, user: UserId) -> Result<Places, StoreError> {
        let item = self.table.get(&keys::places(user)).await?;
        let found = item.as_ref().map(decode).transpose()?;
        Ok(found.map(|found| found.value).unwrap_or_default())
    }
}
