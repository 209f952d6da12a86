//! The feeds one stream follows, and the frames they give.

use crate::channel::Channel;
use crate::cursor::Cursor;
use crate::daemons::Daemons;
use crate::follower::{Follower, Told};
use crate::frame::{self, NonFinite};
use crate::personal::Personal;
use crate::roster::{Roster, follows_many};
use bytes::Bytes;
use domain::account::UserId;
use domain::time::Timestamp;
use futures::stream::{BoxStream, SelectAll, StreamExt, unfold};
use runtime::Services;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use store::StoreError;
use store::feed::FeedItem;
use store::hub::DaemonNews;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use web::{StreamCaller, watchdogs};
use wire::Code;

/// Cursors forget feeds of the many that were silent for this long.
const QUIET_SECS: i64 = 30;

/// A checked subscription.
pub struct Plan {
    /// What to follow.
    pub channels: Vec<Channel>,
    /// Spelling of numbers.
    pub numbers: NonFinite,
    /// Where the client left off.
    pub cursor: Option<Cursor>,
    /// It sent a cursor that says nothing.
    pub unreadable: bool,
    /// Who.
    pub caller: StreamCaller,
}

/// What the hub said.
pub enum Notice {
    /// A feed grew by this item.
    Item(Arc<FeedItem>),
    /// Items went by unseen: read the feeds.
    Lagged,
    /// Somebody's notifications changed.
    Person(UserId),
    /// Somebody's agent or watchdog changed.
    Daemon(DaemonNews),
}

/// Why a stream ends on purpose.
pub enum End {
    /// Come back soon.
    Retry,
    /// The right to listen is gone.
    Revoked,
}

/// One open stream.
pub struct Live {
    services: Services,
    plan: Plan,
    cursor: Cursor,
    followers: HashMap<String, Follower>,
    explicit: BTreeSet<String>,
    roster: Roster,
    many: bool,
    personal: Personal,
    daemons: Daemons,
    /// What the hub says.
    pub notices: SelectAll<BoxStream<'static, Notice>>,
}

fn notices<T: Clone + Send + 'static>(
    receiver: Receiver<T>,
    notice: fn(T) -> Notice,
) -> BoxStream<'static, Notice> {
    unfold(receiver, move |mut receiver| async move {
        match receiver.recv().await {
            Ok(said) => Some((notice(said), receiver)),
            Err(RecvError::Lagged(_)) => Some((Notice::Lagged, receiver)),
            Err(RecvError::Closed) => None,
        }
    })
    .boxed()
}

impl Live {
    /// A stream that follows nothing yet.
    pub fn new(services: Services, plan: Plan) -> Self {
        let explicit: BTreeSet<String> = plan
            .channels
            .iter()
            .filter_map(|c| c.batch().map(str::to_owned))
            .collect();
        let many = follows_many(&plan.channels);
        let now = services.clock.now();
        let cursor = Cursor::new(plan.cursor.as_ref().map_or(now, |c| c.since));
        let roster = Roster::new(plan.caller.identity.actor());
        let personal = Personal::new(plan.caller.identity.user.id);
        let daemons = Daemons::new(plan.caller.identity.clone(), &plan.channels);
        let notices = SelectAll::new();
        Self {
            services,
            plan,
            cursor,
            followers: HashMap::new(),
            explicit,
            roster,
            many,
            personal,
            daemons,
            notices,
        }
    }

    /// Subscribes first and reads second, so that nothing falls between.
    pub async fn begin(&mut self) -> Result<Vec<Bytes>, StoreError> {
        let hub = Arc::clone(&self.services.store.hub);
        self.notices
            .push(notices(hub.follow_people(), Notice::Person));
        if self.daemons.any() {
            self.notices
                .push(notices(hub.follow_daemons(), Notice::Daemon));
        }
        if self.many {
            self.notices.push(notices(hub.follow_all(), Notice::Item));
        } else {
            for batch in &self.explicit {
                self.notices.push(notices(hub.follow(batch), Notice::Item));
            }
        }
        let mut feeds = self.explicit.clone();
        if self.many {
            let store = &self.services.store;
            feeds.extend(self.roster.active(store).await?);
            if let Some(cursor) = &self.plan.cursor {
                feeds.extend(self.roster.recent(store, cursor.since).await?);
            }
        }
        let now = self.services.clock.now();
        let mut lost = self.plan.unreadable;
        for batch in feeds {
            let resumed = self.plan.cursor.as_ref();
            let (follower, gone) =
                Follower::start(&self.services.store, &batch, resumed, now).await?;
            lost |= gone;
            if let Some(position) = follower.position() {
                self.cursor.set(&batch, position);
            }
            self.followers.insert(batch, follower);
        }
        let names: Vec<String> = self.plan.channels.iter().map(Channel::name).collect();
        let sids: Vec<usize> = (1..=names.len()).collect();
        let hello = json!({"subscribed": true, "channels": names, "sids": sids});
        let mut frames = vec![frame::control(
            Some(&self.cursor.to_text()),
            "hello",
            &hello,
        )];
        if lost {
            frames.push(self.resync("cursor_too_old"));
        }
        frames.extend(self.poll_all().await?);
        frames.extend(self.personal.begin(&self.services).await?);
        frames.extend(self.daemons.poll(&self.services).await?);
        Ok(frames)
    }

    fn resync(&self, reason: &str) -> Bytes {
        let names: Vec<String> = self.plan.channels.iter().map(Channel::name).collect();
        let data = json!({"channels": names, "reason": reason});
        frame::control(Some(&self.cursor.to_text()), "resync", &data)
    }

    /// Takes what the hub said.
    pub async fn noticed(&mut self, notice: Notice) -> Result<Vec<Bytes>, StoreError> {
        let item = match notice {
            Notice::Item(item) => item,
            Notice::Lagged => return self.poll().await,
            Notice::Person(user) if user == self.personal.user() => {
                let frame = self.personal.changed(&self.services).await?;
                return Ok(frame.into_iter().collect());
            }
            Notice::Person(_) => return Ok(vec![]),
            Notice::Daemon(news) => return self.daemons.changed(&self.services, &news).await,
        };
        let batch = item.batch_id.as_str();
        if !self.followers.contains_key(batch) {
            if !self.many || !self.roster.admits(&self.services.store, batch).await? {
                return Ok(vec![]);
            }
            let since = self.cursor.since;
            self.followers
                .insert(batch.to_owned(), Follower::newcomer(batch, since));
        }
        let Some(follower) = self.followers.get_mut(batch) else {
            return Ok(vec![]);
        };
        let told = follower.offered(&self.services.store, &item).await?;
        Ok(self.frames(batch, told))
    }

    /// One round of polling, with the newcomers and leavers of the many.
    pub async fn poll(&mut self) -> Result<Vec<Bytes>, StoreError> {
        let mut frames = self.poll_feeds().await?;
        frames.extend(self.personal.poll(&self.services).await?);
        frames.extend(self.daemons.poll(&self.services).await?);
        Ok(frames)
    }

    async fn poll_feeds(&mut self) -> Result<Vec<Bytes>, StoreError> {
        if self.many {
            let active = self.roster.active(&self.services.store).await?;
            for batch in &active {
                if !self.followers.contains_key(batch) {
                    let newcomer = Follower::newcomer(batch, self.cursor.since);
                    self.followers.insert(batch.clone(), newcomer);
                }
            }
            let frames = self.poll_all().await?;
            let active: BTreeSet<String> = active.into_iter().collect();
            self.forget_quiet(&active);
            return Ok(frames);
        }
        self.poll_all().await
    }

    async fn poll_all(&mut self) -> Result<Vec<Bytes>, StoreError> {
        let batches: Vec<String> = self.followers.keys().cloned().collect();
        let mut frames = Vec::new();
        for batch in batches {
            let Some(follower) = self.followers.get_mut(&batch) else {
                continue;
            };
            let told = follower.catch_up(&self.services.store).await?;
            frames.extend(self.frames(&batch, told));
        }
        Ok(frames)
    }

    /// Everything is caught up: positions of feeds long silent say no more than `since` does.
    fn forget_quiet(&mut self, active: &BTreeSet<String>) {
        let now = self.services.clock.now();
        let quiet = Timestamp(now.0 - QUIET_SECS * 1000);
        self.cursor.since = self.cursor.since.max(quiet);
        for (batch, follower) in &self.followers {
            if follower.newest < quiet && !self.explicit.contains(batch) {
                self.cursor.forget(batch);
            }
        }
        let explicit = &self.explicit;
        self.followers.retain(|batch, follower| {
            active.contains(batch) || explicit.contains(batch) || follower.newest >= quiet
        });
    }

    fn frames(&mut self, batch: &str, told: Told) -> Vec<Bytes> {
        let mut frames = Vec::new();
        for news in told.news {
            let job = news.event.job_id.as_deref();
            let wanted: Vec<String> = self
                .plan
                .channels
                .iter()
                .filter(|c| c.wants(batch, job))
                .map(Channel::name)
                .collect();
            let before = self.cursor.to_text();
            self.cursor.set(batch, news.position);
            let after = self.cursor.to_text();
            for (i, channel) in wanted.iter().enumerate() {
                // Only the last copy moves the cursor: a cut in between repeats, it never skips.
                let id = if i + 1 == wanted.len() {
                    &after
                } else {
                    &before
                };
                let event = &news.event;
                frames.push(frame::event(
                    id,
                    &event.kind,
                    &event.json,
                    channel,
                    self.plan.numbers,
                ));
            }
        }
        if told.lost {
            frames.push(self.resync("feed_expired"));
        }
        frames
    }

    /// Looks again at credential and visibility.
    pub async fn recheck(&mut self) -> Result<(), End> {
        if !self.plan.caller.still_valid(&self.services).await {
            return Err(End::Revoked);
        }
        self.roster.forget();
        for batch in &self.explicit {
            match self.roster.admits(&self.services.store, batch).await {
                Ok(true) => {}
                Ok(false) => return Err(End::Revoked),
                Err(_) => return Err(End::Retry),
            }
        }
        for host in self.plan.channels.iter().filter_map(Channel::host) {
            let who = &self.plan.caller.identity;
            match watchdogs::seen(&self.services, who, host).await {
                Ok(_) => {}
                Err(error) if error.code() == Code::HostNotFound => return Err(End::Revoked),
                Err(_) => return Err(End::Retry),
            }
        }
        Ok(())
    }
}
