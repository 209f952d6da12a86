//! Emptying a gate: what it holds becomes one mail in its final words.

use crate::wording;
use auth::secret;
use domain::account::UserId;
use domain::audience::{Pending, is_mailed};
use domain::notice::Notice;
use domain::time::Timestamp;
use mail::render::with_unsubscribe;
use runtime::settings::Values;
use runtime::{Services, entropy};
use std::collections::HashMap;
use store::gates::{Addressee, gate_write};
use store::outbox::{Claim, Mail, Payload, Waiting, message_write};
use store::pause::after_lost_race;
use store::table::Write;
use store::unsubscribe::{RecipientLink, recipient_link_write, unsubscribe_write};
use store::{Store, StoreError};
use wire::Locale;

/// Rounds after lost races for the gate.
const ROUNDS: u32 = 20;
/// Longest pause after the first such round, milliseconds.
const FIRST_PAUSE_MS: u64 = 5;

/// Who reads a mail, and what of it.
struct Reader {
    email: String,
    locale: Locale,
    wanted: Vec<Notice>,
}

/// Empties a gate into a mail, which takes the place of the claimed message.
pub(crate) async fn put_into_words(
    services: &Services,
    claim: &Claim,
    to: &Addressee,
    gate: &str,
) -> Result<(), StoreError> {
    let store = &services.store;
    for round in 0..ROUNDS {
        let now = services.clock.now();
        let (mut pending, rev) = store.gate(to, gate).await?;
        let mut writes = match reader(store, to, &pending).await? {
            Some(reader) => {
                let settings = services.settings().await?;
                mail(services, &settings, (to, gate), &pending, reader, now)?
            }
            None => vec![],
        };
        let (all, more) = (pending.notices.len(), pending.more);
        pending.sent(all, more, now);
        writes.push(gate_write(to, gate, &pending, rev, now)?);
        match store.replace_message(claim, writes).await {
            Err(StoreError::ConditionAt(_)) => after_lost_race(round, FIRST_PAUSE_MS).await,
            outcome => return outcome,
        }
    }
    Err(StoreError::Busy("the gate keeps changing".into()))
}

/// Who gets what of a gate holds, by the wishes of now; `None` when nobody wants any of it.
async fn reader(
    store: &Store,
    to: &Addressee,
    pending: &Pending,
) -> Result<Option<Reader>, StoreError> {
    let reader = match to {
        Addressee::User(user) => user_reader(store, *user, &pending.notices).await?,
        Addressee::Recipient { project, id } => {
            let found = store.recipient(project, *id).await?.map(|v| v.value);
            found
                .filter(|recipient| recipient.enabled)
                .map(|recipient| {
                    let wants = |n: &&Notice| recipient.event_kinds.contains(&n.kind);
                    Reader {
                        wanted: pending.notices.iter().filter(wants).cloned().collect(),
                        email: recipient.email,
                        locale: Locale::English,
                    }
                })
        }
    };
    Ok(reader.filter(|reader| !reader.wanted.is_empty()))
}

async fn user_reader(
    store: &Store,
    user: UserId,
    notices: &[Notice],
) -> Result<Option<Reader>, StoreError> {
    let Some((user, mut person)) = store.persons(&[user], None).await?.pop() else {
        return Ok(None);
    };
    if !user.is_active {
        return Ok(None);
    }
    let mut wishes = HashMap::new();
    let mut wanted = Vec::with_capacity(notices.len());
    for notice in notices {
        person.batch = match &notice.batch_id {
            None => None,
            Some(batch) => {
                if !wishes.contains_key(batch) {
                    let wish = store.batch_wish(user.id, batch).await?;
                    wishes.insert(batch.clone(), wish.map(|stored| stored.value.wish));
                }
                wishes.get(batch).cloned().flatten()
            }
        };
        if is_mailed(&person, notice) {
            wanted.push(notice.clone());
        }
    }
    Ok(Some(Reader {
        email: person.email,
        locale: Locale::negotiate(Some(&user.locale)),
        wanted,
    }))
}

/// Writes of a mail and of the link that ends such mails.
fn mail(
    services: &Services,
    settings: &Values,
    (to, gate): (&Addressee, &str),
    pending: &Pending,
    reader: Reader,
    now: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    let base = &services.config.base_url;
    let token = secret::encode(entropy::bytes());
    let digest = secret::digest(&token);
    let (link, link_write) = match to {
        Addressee::User(user) => {
            let page = wording::address(base, &["api", "unsubscribe"]);
            let write = unsubscribe_write(&digest, *user, wording::kind_of(gate), now)?;
            (format!("{page}?token={token}"), write)
        }
        Addressee::Recipient { project, id } => {
            let (project, id) = (project.clone(), *id);
            let write = recipient_link_write(&digest, &RecipientLink { project, id }, now)?;
            let parts = ["api", "unsubscribe", "recipient", &token];
            (wording::address(base, &parts), write)
        }
    };
    let words = wording::told(
        settings,
        gate,
        (&reader.wanted, pending.more),
        reader.locale,
        base,
    )?;
    let words = with_unsubscribe(words, reader.locale, &link);
    let mail = Mail {
        id: services.store.row_ids.take(now, 1),
        to: reader.email,
        subject: words.subject,
        text: words.text,
        html: Some(words.html),
        created_at: now,
    };
    let id = mail.id;
    let payload = Payload::Mail {
        mail,
        event: gate.to_owned(),
        unsubscribe: Some(link),
    };
    let waiting = Waiting::new(id, payload, now);
    Ok(vec![link_write, message_write(&waiting, now)?])
}
