//! Accounts and settings. Passwords move with them (both sides hash with argon2id); API tokens
//! cannot: the original kept digests of another kind.

use super::OriginalError;
use super::rows::{Original, Row};
use domain::account::{Link, User, UserId};
use domain::time::Timestamp;
use runtime::settings::catalogue;
use runtime::{Services, entropy};
use std::collections::BTreeMap;
use store::StoreError;
use store::accounts::Registered;
use store::settings::Setting;

/// Accounts by the id they had.
pub struct People {
    by_id: BTreeMap<i64, UserId>,
    /// Whose is what belonged to nobody.
    first: Option<UserId>,
}

impl People {
    /// Makes the accounts; those that are here already, by name and address, stay as they are.
    pub async fn move_in(original: &Original, services: &Services) -> Result<Self, OriginalError> {
        let mut rows = original.rows("user", "id")?;
        // The oldest administrator there is the first here.
        rows.sort_by_key(|row| !row.flag("is_admin"));
        let mut people = Self {
            by_id: BTreeMap::new(),
            first: None,
        };
        for row in &rows {
            let id = account(row, services).await?;
            people.first.get_or_insert(id);
            people
                .by_id
                .insert(row.number("id").unwrap_or_default(), id);
        }
        Ok(people)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whose a batch is; what belonged to nobody is the first administrator's.
    pub fn owner(&self, id: Option<i64>) -> Option<UserId> {
        id.and_then(|id| self.by_id.get(&id).copied())
            .or(self.first)
    }

    /// Takes over the settings we know; how many, and which not.
    pub async fn settings(
        &self,
        original: &Original,
        services: &Services,
    ) -> Result<(usize, Vec<String>), OriginalError> {
        let (mut taken, mut left) = (0, Vec::new());
        let found = services.store.settings().await?;
        let rev = found.as_ref().map(|found| found.rev);
        let mut stored = found.map(|found| found.value).unwrap_or_default();
        for row in original.rows("system_config", "\"group\", \"key\"")? {
            let (group, key) = (row.words("group"), row.words("key"));
            let name = catalogue::name(&group, &key);
            let value = row.json("value_json");
            let entry = catalogue::find(&group, &key);
            match (entry, value) {
                (Some(entry), Some(value))
                    if !row.flag("encrypted") && entry.check(&value).is_ok() =>
                {
                    let setting = Setting {
                        value: value.to_string(),
                        sealed: false,
                        description: row.text("description").map(str::to_owned),
                        updated_at: time(&row, "updated_at").unwrap_or(services.clock.now()),
                        updated_by: self.owner(row.number("updated_by")).unwrap_or_default(),
                    };
                    stored.values.insert(name, setting);
                    taken += 1;
                }
                _ => left.push(format!(
                    "setting {name} was left behind: set it under Administration"
                )),
            }
        }
        if taken > 0 {
            services.store.save_settings(&stored, rev, vec![]).await?;
        }
        Ok((taken, left))
    }
}

fn time(row: &Row, column: &str) -> Option<Timestamp> {
    Timestamp::parse(row.text(column)?)
}

async fn account(row: &Row, services: &Services) -> Result<UserId, OriginalError> {
    let store = &services.store;
    let (name, email) = (row.words("username"), row.words("email").to_lowercase());
    let same = store.user_by_name(&name).await?;
    if let Some(found) = same.filter(|found| found.value.email == email) {
        return Ok(found.value.id);
    }
    let github = row.text("github_id").map(|subject| Link {
        provider: "github".to_owned(),
        subject: subject.to_owned(),
        login: row.words("github_login"),
    });
    let is_admin = row.flag("is_admin");
    let mut user = User {
        id: 0,
        username: name.clone(),
        email,
        password_hash: row.text("password_hash").map(str::to_owned),
        is_admin,
        email_verified: row.flag("email_verified"),
        is_active: row.flag("is_active"),
        created_at: time(row, "created_at").unwrap_or(services.clock.now()),
        last_login: time(row, "last_login"),
        locale: row.text("preferred_locale").unwrap_or("en-US").to_owned(),
        hide_demo: false,
        epoch: 0,
        links: github.into_iter().collect(),
    };
    loop {
        user.id = entropy::new_id(services.clock.now());
        return match store.register(&user, is_admin, vec![]).await? {
            Registered::Done(_) => Ok(user.id),
            Registered::IdTaken => continue,
            Registered::LinkTaken => Err(OriginalError::Store(StoreError::Failed(format!(
                "user {name}: somebody else here logs in with the same GitHub account"
            )))),
            Registered::UsernameTaken | Registered::EmailTaken => Err(OriginalError::Taken(name)),
        };
    }
}
