//! Telling a notice: everybody it concerns sees it, has it collected for a mail and said on their
//! channels, each in one transaction of their own that happens once.

use crate::wording;
use crate::{concerned, taps};
use domain::account::{User, UserId};
use domain::audience::{Person, Wishes, audience, mail_due};
use domain::channel::{Channel, ChannelOwner};
use domain::notice::{Notice, Notification};
use domain::project::Recipient;
use domain::time::Timestamp;
use futures::{StreamExt, TryStreamExt, stream};
use runtime::Services;
use runtime::settings::Values;
use store::StoreError;
use store::channels::post_write;
use store::gates::{Addressee, gate_write, told_channel_write, told_write};
use store::notifications::notification_write;
use store::outbox::{Claim, Payload, Waiting, message_write};
use store::pause::after_lost_race;
use store::table::Write;

/// People told at the same time.
const AT_ONCE: usize = 8;
/// Rounds after lost races for somebody's gate.
const ROUNDS: u32 = 20;
/// Longest pause after the first such round, milliseconds.
const FIRST_PAUSE_MS: u64 = 5;

/// Tells a notice to everybody it concerns who was not told before, then drops its message.
pub(crate) async fn tell(
    services: &Services,
    claim: &Claim,
    notice: &Notice,
    only: Option<UserId>,
) -> Result<(), StoreError> {
    let concerned = concerned::by(&services.store, notice, only).await?;
    // Those who may not act on it get the same words without links.
    let notice = &taps::without(notice);
    let persons: Vec<Person> = concerned.people.iter().map(|(_, p)| p.clone()).collect();
    let audience = audience(notice, &persons, &concerned.recipients);
    let settings = services.settings().await?;
    let telling = &Telling {
        services,
        message: &claim.waiting,
        notice,
        settings: &settings,
        now: services.clock.now(),
    };
    let mut people = Vec::with_capacity(audience.shown.len());
    for (user, person) in &concerned.people {
        if audience.shown.contains(&user.id) {
            let mailed = audience.mailed.contains(&user.id);
            let wishes = mailed.then_some(&person.wishes);
            let edits = concerned.editors.contains(&user.id);
            people.push(telling.person(user, wishes, edits));
        }
    }
    all(people).await?;
    let mut addressed = Vec::with_capacity(audience.recipients.len());
    for recipient in &concerned.recipients {
        if audience.recipients.contains(&recipient.id) {
            addressed.push(telling.recipient(recipient));
        }
    }
    all(addressed).await?;
    let channels = concerned.channels.iter();
    all(channels.map(|channel| telling.channel(channel)).collect()).await?;
    services.store.replace_message(claim, vec![]).await
}

async fn all(
    tellings: Vec<impl Future<Output = Result<(), StoreError>>>,
) -> Result<(), StoreError> {
    let tellings = stream::iter(tellings).buffer_unordered(AT_ONCE);
    tellings.try_collect().await
}

/// A person's side of a notice beside mails.
struct Screen<'a> {
    user: &'a User,
    channels: Vec<Channel>,
    /// The notice with its links.
    said: Notice,
}

/// A notice being told.
struct Telling<'a> {
    services: &'a Services,
    message: &'a Waiting,
    notice: &'a Notice,
    settings: &'a Values,
    now: Timestamp,
}

impl Telling<'_> {
    /// Tells a person; by mail too when there are wishes to send it by. Who may edit the batch
    /// gets links that act on it.
    async fn person(
        &self,
        user: &User,
        mailed: Option<&Wishes>,
        edits: bool,
    ) -> Result<(), StoreError> {
        let store = &self.services.store;
        let own = match edits {
            true => taps::with(self.notice, self.services, user.id, self.now),
            false => self.notice.clone(),
        };
        let telling = Telling {
            notice: &own,
            ..*self
        };
        let screen = Screen {
            user,
            channels: store.channels(&ChannelOwner::User(user.id)).await?,
            said: telling.said(),
        };
        let who = Addressee::User(user.id);
        telling.once(&who, mailed, Some(&screen)).await?;
        store.hub.notified(user.id);
        Ok(())
    }

    async fn recipient(&self, recipient: &Recipient) -> Result<(), StoreError> {
        let who = Addressee::Recipient {
            project: self.notice.project.clone(),
            id: recipient.id,
        };
        self.once(&who, Some(&Wishes::default()), None).await
    }

    /// The notice with its links.
    fn said(&self) -> Notice {
        wording::with_links(self.notice, &self.services.config.base_url)
    }

    /// Has the notice said on a channel of its project.
    async fn channel(&self, channel: &Channel) -> Result<(), StoreError> {
        let Some(due) = channel.due(self.notice, self.now) else {
            return Ok(());
        };
        let of = ChannelOwner::Project(self.notice.project.clone());
        for round in 0..ROUNDS {
            let (id, said) = (self.new_id(), Some(self.said()));
            let writes = vec![
                told_channel_write(self.message, channel.id, self.now),
                post_write(id, (&of, channel.id), said, self.now, due)?,
            ];
            if self.settled(round, writes).await? {
                return Ok(());
            }
        }
        Err(StoreError::Busy("the outbox is busy".into()))
    }

    /// Tells `who`, unless they were told before: all of it with a mark in one transaction.
    async fn once(
        &self,
        who: &Addressee,
        mailed: Option<&Wishes>,
        screen: Option<&Screen<'_>>,
    ) -> Result<(), StoreError> {
        for round in 0..ROUNDS {
            let mut writes = vec![told_write(self.message, who, self.now)];
            if let Some(screen) = screen {
                writes.extend(self.shown(screen)?);
            }
            if let Some(wishes) = mailed {
                writes.extend(self.collected(who, wishes).await?);
            }
            if self.settled(round, writes).await? {
                return Ok(());
            }
        }
        let problem = "what is to be told keeps changing";
        Err(StoreError::Busy(problem.into()))
    }

    /// Writes what tells somebody, their mark first; `true`: it is told, now or before. `false`:
    /// somebody else was faster, and after the pause that was made here it may be tried again.
    async fn settled(&self, round: u32, writes: Vec<Write>) -> Result<bool, StoreError> {
        match self.services.store.table.transact(writes).await {
            Ok(()) | Err(StoreError::ConditionAt(0)) => Ok(true),
            Err(StoreError::ConditionAt(_) | StoreError::Busy(_)) => {
                after_lost_race(round, FIRST_PAUSE_MS).await;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes of the notification and of what is said on channels.
    fn shown(&self, screen: &Screen<'_>) -> Result<Vec<Write>, StoreError> {
        let user = screen.user;
        let mut writes = vec![notification_write(user.id, &self.notification(user)?)?];
        for channel in &screen.channels {
            if let Some(due) = channel.due(self.notice, self.now) {
                let (id, said) = (self.new_id(), Some(screen.said.clone()));
                let of = ChannelOwner::User(user.id);
                writes.push(post_write(id, (&of, channel.id), said, self.now, due)?);
            }
        }
        Ok(writes)
    }

    fn new_id(&self) -> u64 {
        self.services.store.row_ids.take(self.now, 1)
    }

    fn notification(&self, user: &User) -> Result<Notification, StoreError> {
        let (title, body) = wording::shown(self.settings, self.notice, &user.locale)?;
        Ok(Notification {
            id: self.new_id(),
            batch_id: self.notice.batch_id.clone(),
            rule_id: self.notice.kind.as_str().to_owned(),
            severity: self.notice.kind.severity(),
            title,
            body,
            created_at: self.notice.at,
            read_at: None,
        })
    }

    /// Writes that put the notice through a gate of `to`, and queue the mail that empties it.
    async fn collected(&self, to: &Addressee, wishes: &Wishes) -> Result<Vec<Write>, StoreError> {
        let (collection, _) = mail_due(wishes, None, self.now);
        let gate = wording::gate_of(collection, self.notice.kind);
        let (mut pending, rev) = self.services.store.gate(to, gate).await?;
        let (_, due) = mail_due(wishes, pending.last, self.now);
        let queued = pending.collect(self.notice.clone(), due);
        let mut writes = vec![gate_write(to, gate, &pending, rev, self.now)?];
        if let Some(due) = queued {
            let payload = Payload::Collected {
                to: to.clone(),
                gate: gate.to_owned(),
            };
            let waiting = Waiting::new(self.new_id(), payload, self.now);
            writes.push(message_write(&waiting, due)?);
        }
        Ok(writes)
    }
}
