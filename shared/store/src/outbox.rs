//! Messages that wait to leave: rows written with the change that causes them.
//!
//! A row's sort key begins with the instant it is due. Who wants to send it moves it, under its
//! revision, to the end of a lease: of many at once one succeeds, and should that one die the row
//! is due again by itself. A sent message is deleted, a failed one moves to its next try or, in
//! the end, to the dead letters. Each of these is one transaction with the counter it raises.

use crate::Store;
use crate::error::StoreError;
use crate::gates::Addressee;
use crate::item::{Item, decode, encode, n, text};
use crate::keys::{self, Key};
use crate::outbox_counts::{Count, count_write};
use crate::pause;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::channel::ChannelOwner;
use domain::notice::Notice;
use domain::outbox::next_try;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Days a dead letter is kept.
const DEAD_LETTER_DAYS: i64 = 90;
/// Rounds after a busy store, or after an id that is taken.
const ROUNDS: u32 = 8;
/// Longest pause after the first such round, milliseconds.
const FIRST_PAUSE_MS: u64 = 10;

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Time-ordered id.
    pub id: u64,
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML, if it has any.
    pub html: Option<String>,
    /// When it was caused.
    pub created_at: Timestamp,
}

/// What leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Payload {
    /// A mail in its final words.
    Mail {
        /// The mail.
        mail: Mail,
        /// Word for its cause, `account` or an event's.
        event: String,
        /// Address that ends such mails with one click.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unsubscribe: Option<String>,
    },
    /// A message on a channel, put into words when it is sent.
    Post {
        /// Whose channel.
        #[serde(flatten)]
        of: ChannelOwner,
        /// Which.
        channel: u64,
        /// What happened; `None`: somebody tests the channel.
        notice: Option<Notice>,
    },
    /// Something that happened; whom it concerns is found out when it is told.
    Notice {
        /// What happened.
        notice: Notice,
        /// It concerns nobody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<UserId>,
    },
    /// A mail that is put into words when it is due, of what its gate holds by then.
    Collected {
        /// Who gets it.
        to: Addressee,
        /// Which of their gates.
        gate: String,
    },
}

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Time-ordered id.
    pub id: u64,
    /// When it was caused.
    pub created_at: Timestamp,
    /// Failed tries.
    pub attempts: u32,
    /// Why the last one failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Who sends it at the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_by: Option<String>,
    /// What leaves.
    pub payload: Payload,
}

impl Waiting {
    /// A message nobody has tried to send yet.
    pub fn new(id: u64, payload: Payload, now: Timestamp) -> Self {
        Self {
            id,
            created_at: now,
            attempts: 0,
            last_error: None,
            leased_by: None,
            payload,
        }
    }
}

/// A message this process alone may send, until its lease ends.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The message.
    pub waiting: Waiting,
    key: Key,
    rev: u64,
}

/// What became of a message that could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// It is due again then.
    Waits(Timestamp),
    /// It is a dead letter.
    Dead,
}

/// Put of a message that is due at `due`; goes into the transaction of its cause. The condition
/// fails when the id is taken: draw another.
pub fn message_write(waiting: &Waiting, due: Timestamp) -> Result<Write, StoreError> {
    let item = encode(&keys::outbox(due, waiting.id), 1, waiting)?;
    Ok(Write::Put(item, Expect::Absent))
}

/// As [`message_write`], for a mail of an account that is due at once.
pub fn mail_write(mail: &Mail) -> Result<Write, StoreError> {
    let payload = Payload::Mail {
        mail: mail.clone(),
        event: "account".to_owned(),
        unsubscribe: None,
    };
    let waiting = Waiting::new(mail.id, payload, mail.created_at);
    message_write(&waiting, mail.created_at)
}

impl Store {
    /// The mails among the first `limit` waiting messages, whether due or not, soonest first.
    pub async fn waiting_mails(&self, limit: usize) -> Result<Vec<Mail>, StoreError> {
        let items = self.table.partition(keys::OUTBOX).take(limit).await?;
        let mut mails = Vec::with_capacity(items.len());
        for item in &items {
            if let Payload::Mail { mail, .. } = decode::<Waiting>(item)?.value.payload {
                mails.push(mail);
            }
        }
        Ok(mails)
    }

    /// The messages that are due, up to `limit`, longest due first. To send one, claim it.
    pub async fn due_messages(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        let due = keys::outbox_due(now);
        let items = self.table.partition(keys::OUTBOX).below(&due);
        items.take(limit).await?.iter().map(claim_of).collect()
    }

    /// Leases a due message to `owner` until `until`; `None` when somebody else was faster.
    pub async fn claim_message(
        &self,
        mut claim: Claim,
        owner: &str,
        until: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        claim.waiting.leased_by = Some(owner.to_owned());
        let (key, writes) = claim.moved(&claim.waiting, until)?;
        match self.table.transact(writes).await {
            Ok(()) => Ok(Some(Claim {
                rev: claim.rev + 1,
                key,
                ..claim
            })),
            // A transaction under way on the row is somebody else's claim.
            Err(StoreError::ConditionAt(_) | StoreError::Busy(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Forgets a message that was sent, and counts it.
    ///
    /// [`StoreError::Conflict`] when the lease had ended and somebody else has it now.
    pub async fn message_sent(&self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        let writes = vec![claim.removal(), count_write(Count::Sent, now)];
        self.settle_message(writes).await
    }

    /// Keeps a message that could not be sent for its next try, or as a dead letter when there is
    /// none or when trying again is pointless (`is_final`). `payload` is what was tried, in full,
    /// and what is tried the next time.
    ///
    /// [`StoreError::Conflict`] as for [`Store::message_sent`].
    pub async fn message_failed(
        &self,
        claim: &Claim,
        payload: Payload,
        error: &str,
        is_final: bool,
        now: Timestamp,
    ) -> Result<Failed, StoreError> {
        let mut waiting = Waiting {
            attempts: claim.waiting.attempts.saturating_add(1),
            last_error: Some(error.to_owned()),
            leased_by: None,
            payload,
            ..claim.waiting.clone()
        };
        let next = next_try(waiting.id, waiting.attempts, now).filter(|_| !is_final);
        if let Some(due) = next {
            let (_, writes) = claim.moved(&waiting, due)?;
            self.settle_message(writes).await?;
            return Ok(Failed::Waits(due));
        }
        for _ in 0..ROUNDS {
            let mut item = encode(&keys::dead_letter(waiting.id), 1, &waiting)?;
            let ends = now.plus_secs(DEAD_LETTER_DAYS * 86_400);
            item.insert(TTL.into(), n(ends.secs()));
            let writes = vec![
                claim.removal(),
                count_write(Count::Failed, now),
                Write::Put(item, Expect::Absent),
            ];
            match self.settle_message(writes).await {
                Ok(()) => return Ok(Failed::Dead),
                // An id is drawn from few random bits: another dead letter may have it.
                Err(StoreError::ConditionAt(2)) => waiting.id += 1,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("no free id for a dead letter".into()))
    }

    /// Puts `also` in the place of a message, all or nothing: what the message was to bring about.
    ///
    /// [`StoreError::Conflict`] as for [`Store::message_sent`]; [`StoreError::ConditionAt`] counts
    /// `also` from one.
    pub async fn replace_message(&self, claim: &Claim, also: Vec<Write>) -> Result<(), StoreError> {
        let mut writes = vec![claim.removal()];
        writes.extend(also);
        self.settle_message(writes).await
    }

    /// A transaction on a row we hold: patient, since the message may be out already.
    async fn settle_message(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let mut round = 0;
        loop {
            match self.table.transact(writes.clone()).await {
                Err(StoreError::Busy(_)) if round < ROUNDS => {
                    pause::after_lost_race(round, FIRST_PAUSE_MS).await;
                    round += 1;
                }
                Err(StoreError::ConditionAt(0)) => return Err(StoreError::Conflict),
                outcome => return outcome,
            }
        }
    }

    /// Dead letters, newest first, from below the id `before` on.
    pub async fn dead_letters(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Waiting>, StoreError> {
        let range = self.table.partition(keys::DEAD_LETTERS).newest_first();
        let range = match before {
            Some(id) => range.below(&keys::number(id)),
            None => range,
        };
        let items = range.take(limit).await?;
        items
            .iter()
            .map(|item| decode(item).map(|v| v.value))
            .collect()
    }

    /// Queues a dead letter again with all its tries; `false` when there is none with this id.
    pub async fn retry_dead_letter(&self, id: u64, now: Timestamp) -> Result<bool, StoreError> {
        let key = keys::dead_letter(id);
        let Some(item) = self.table.get(&key).await? else {
            return Ok(false);
        };
        let mut waiting: Waiting = decode(&item)?.value;
        waiting.attempts = 0;
        let writes = vec![
            Write::Delete(key, Expect::Present),
            message_write(&waiting, now)?,
        ];
        match self.settle_message(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Throws a dead letter away; `false` when there is none with this id.
    pub async fn discard_dead_letter(&self, id: u64) -> Result<bool, StoreError> {
        let delete = Write::Delete(keys::dead_letter(id), Expect::Present);
        match self.table.write(delete).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Claim {
    /// Removal of the row as it was read.
    fn removal(&self) -> Write {
        Write::Delete(self.key.clone(), Expect::Rev(self.rev))
    }

    /// The key of the row when it is due at `due`, and the writes that move it there.
    fn moved(&self, waiting: &Waiting, due: Timestamp) -> Result<(Key, Vec<Write>), StoreError> {
        let key = keys::outbox(due, waiting.id);
        let item = encode(&key, self.rev + 1, waiting)?;
        let writes = match key == self.key {
            // A lease may end at the very millisecond of the next try.
            true => vec![Write::Put(item, Expect::Rev(self.rev))],
            false => vec![self.removal(), Write::Put(item, Expect::Absent)],
        };
        Ok((key, writes))
    }
}

fn claim_of(item: &Item) -> Result<Claim, StoreError> {
    let found = decode::<Waiting>(item)?;
    let key = Key {
        pk: text(item, "pk")?.to_owned(),
        sk: text(item, "sk")?.to_owned(),
    };
    Ok(Claim {
        waiting: found.value,
        key,
        rev: found.rev,
    })
}
