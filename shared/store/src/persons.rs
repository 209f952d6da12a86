//! People as the rules on who is told see them.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, decode, text};
use crate::keys::{self, Key};
use crate::wishes::StoredBatchWish;
use domain::account::{User, UserId};
use domain::audience::{Person, Wishes};
use serde::de::DeserializeOwned;
use std::collections::{BTreeSet, HashMap};

impl Store {
    /// People with their wishes, and their wish for one batch, in the order of `ids`; each once,
    /// those without an account left out.
    pub async fn persons(
        &self,
        ids: &[UserId],
        batch: Option<&str>,
    ) -> Result<Vec<(User, Person)>, StoreError> {
        let mut seen = BTreeSet::new();
        let ids: Vec<UserId> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
        let rows = |id: UserId| {
            let wish = batch.map(|batch| keys::batch_wish(id, batch));
            [Some(keys::user(id)), Some(keys::mail_wishes(id)), wish]
        };
        let wanted: Vec<Key> = ids.iter().flat_map(|id| rows(*id)).flatten().collect();
        let mut found = HashMap::with_capacity(wanted.len());
        for item in self.table.get_many(&wanted).await? {
            let key = Key {
                pk: text(&item, "pk")?.to_owned(),
                sk: text(&item, "sk")?.to_owned(),
            };
            found.insert(key, item);
        }
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            let [user, wishes, wish] = rows(id);
            let Some(user) = value::<User>(&found, user)? else {
                continue;
            };
            let wish: Option<StoredBatchWish> = value(&found, wish)?;
            let person = Person {
                user: id,
                email: user.email.to_lowercase(),
                is_active: user.is_active,
                wishes: value::<Wishes>(&found, wishes)?.unwrap_or_default(),
                batch: wish.map(|stored| stored.wish),
            };
            people.push((user, person));
        }
        Ok(people)
    }
}

fn value<T: DeserializeOwned>(
    found: &HashMap<Key, Item>,
    key: Option<Key>,
) -> Result<Option<T>, StoreError> {
    let item = key.and_then(|key| found.get(&key));
    item.map(|item| decode(item).map(|v| v.value)).transpose()
}
