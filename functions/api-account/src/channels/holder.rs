//! What can be done with channels, whoever holds them: a person or a project.

use super::view::{ChannelCreatedOut, ChannelMessageOut, ChannelOut};
use super::wish::{self, ChannelIn, ChannelPatchIn, ReplayIn};
use domain::access::Role;
use domain::bucket;
use domain::channel::{Channel, ChannelOwner, Said};
use domain::limits::{CHANNEL_TEST_SECS, CHANNELS_PER_OWNER};
use runtime::{Services, entropy};
use store::StoreError;
use store::channels::post_write;
use store::table::Write;
use web::{ApiError, ApiResult, Caller, ClientInfo, Deed, membership, quota};
use wire::Code;

/// Rounds after a collision of ids.
const ROUNDS: usize = 8;
/// Messages of one replay.
const REPLAYED: usize = 90;

/// Whose channels they are, and who works on them.
pub struct Holder<'a> {
    services: &'a Services,
    caller: &'a Caller,
    of: ChannelOwner,
}

impl<'a> Holder<'a> {
    /// The caller's own channels.
    pub fn own(services: &'a Services, caller: &'a Caller) -> Self {
        let of = ChannelOwner::User(caller.user().id);
        Self {
            services,
            caller,
            of,
        }
    }

    /// The channels of a project in which the caller is at least `role`.
    pub async fn project(
        services: &'a Services,
        caller: &'a Caller,
        slug: &str,
        role: Role,
    ) -> ApiResult<Self> {
        membership::project(services, caller, slug, role).await?;
        let of = ChannelOwner::Project(slug.to_owned());
        Ok(Self {
            services,
            caller,
            of,
        })
    }

    /// All channels, oldest first.
    pub async fn list(&self) -> ApiResult<Vec<ChannelOut>> {
        let channels = self.services.store.channels(&self.of).await?;
        Ok(channels.iter().map(ChannelOut::from).collect())
    }

    /// Adds a channel.
    pub async fn create(
        &self,
        client: &ClientInfo,
        wish: ChannelIn,
    ) -> ApiResult<ChannelCreatedOut> {
        let (store, now) = (&self.services.store, self.services.clock.now());
        let (mut channel, target, made) = wish.channel(now)?;
        wish::check(self.services, &channel, &target)?;
        if store.channels(&self.of).await?.len() >= CHANNELS_PER_OWNER {
            return Err(ApiError::with(Code::ChannelCap, [CHANNELS_PER_OWNER]));
        }
        for _ in 0..ROUNDS {
            channel.id = entropy::new_id(now);
            wish::point(self.services, &mut channel, &target);
            let also = vec![self.deed("channel_create", client, &channel)?];
            match store.add_channel(&self.of, &channel, also).await {
                Ok(()) => {
                    return Ok(ChannelCreatedOut {
                        shown: ChannelOut::from(&channel),
                        secret: target.secret.filter(|_| made),
                    });
                }
                Err(StoreError::ConditionAt(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(Code::StorageBusy).retry_after(1))
    }

    /// Changes some of a channel; what is absent stays.
    pub async fn update(
        &self,
        client: &ClientInfo,
        id: u64,
        wish: &ChannelPatchIn,
    ) -> ApiResult<ChannelOut> {
        let change = |channel: &mut Channel| {
            wish.apply(self.services, channel)?;
            Ok(vec![self.deed("channel_update", client, channel)?])
        };
        let changed = self.services.store.update_channel(&self.of, id, change);
        let changed = changed.await.map_err(|error: ApiError| error)?;
        let channel = changed.ok_or_else(|| ApiError::new(Code::ChannelNotFound))?;
        Ok(ChannelOut::from(&channel))
    }

    /// Removes a channel; what waits for it is not sent any more.
    pub async fn remove(&self, client: &ClientInfo, id: u64) -> ApiResult<()> {
        let channel = self.channel(id).await?;
        let also = vec![self.deed("channel_delete", client, &channel)?];
        match self
            .services
            .store
            .remove_channel(&self.of, id, also)
            .await?
        {
            true => Ok(()),
            false => Err(ApiError::new(Code::ChannelNotFound)),
        }
    }

    /// Queues a test message.
    pub async fn test(&self, client: &ClientInfo, id: u64) -> ApiResult<()> {
        let now = self.services.clock.now();
        let change = |channel: &mut Channel| {
            let again = channel.tested_at.map(|at| at.plus_secs(CHANNEL_TEST_SECS));
            if let Some(again) = again.filter(|again| *again > now) {
                let wait = again.secs_since(now).ceil().max(1.0) as u64;
                return Err(ApiError::with(Code::RateLimited, [wait]).retry_after(wait));
            }
            channel.tested_at = Some(now);
            let message = self.services.store.row_ids.take(now, 1);
            Ok(vec![
                post_write(message, (&self.of, id), None, now, now)?,
                self.deed("channel_test", client, channel)?,
            ])
        };
        let changed = self
            .services
            .store
            .update_channel(&self.of, id, change)
            .await?;
        changed.ok_or_else(|| ApiError::new(Code::ChannelNotFound))?;
        Ok(())
    }

    /// A page of what was said, newest first, and the id to go on below when there may be more.
    pub async fn said(
        &self,
        id: u64,
        before: Option<u64>,
        limit: usize,
    ) -> ApiResult<(Vec<ChannelMessageOut>, Option<u64>)> {
        self.channel(id).await?;
        let found = self.services.store.said(id, before, limit).await?;
        let next = found.last().map(|said| said.id);
        let next = next.filter(|_| found.len() == limit);
        Ok((
            found.into_iter().map(ChannelMessageOut::from).collect(),
            next,
        ))
    }

    /// Queues messages once more under their ids; answers how many.
    pub async fn replay(&self, client: &ClientInfo, id: u64, wish: &ReplayIn) -> ApiResult<usize> {
        let channel = self.channel(id).await?;
        let now = self.services.clock.now();
        quota::take(self.services, bucket::REPLAY, id).await?;
        let chosen = self.chosen(id, wish).await?;
        let count = chosen.len();
        let mut writes = vec![self.deed("channel_replay", client, &channel)?];
        for said in chosen {
            let to = (&self.of, id);
            writes.push(post_write(said.id, to, said.notice, now, now)?);
        }
        match self.services.store.table.transact(writes).await {
            Ok(()) => Ok(count),
            Err(StoreError::ConditionAt(_)) => Err(ApiError::new(Code::StorageBusy).retry_after(1)),
            Err(error) => Err(error.into()),
        }
    }

    async fn chosen(&self, id: u64, wish: &ReplayIn) -> ApiResult<Vec<Said>> {
        let since = wish.since()?;
        let mut chosen: Vec<Said> = Vec::new();
        let mut before = None;
        // Newest first, so that reading ends at the first message before `since`.
        loop {
            let page = self.services.store.said(id, before, REPLAYED).await?;
            before = page.last().map(|said| said.id);
            let is_last = page.len() < REPLAYED;
            let old = page.iter().any(|said| said.tried_at < since);
            let wanted = page.into_iter().filter(|said| wish.wants(said, since));
            chosen.extend(wanted.take(REPLAYED - chosen.len()));
            if is_last || old || chosen.len() == REPLAYED {
                return Ok(chosen);
            }
        }
    }

    async fn channel(&self, id: u64) -> ApiResult<Channel> {
        let found = self.services.store.channel(&self.of, id).await?;
        found.ok_or_else(|| ApiError::new(Code::ChannelNotFound))
    }

    fn deed(
        &self,
        action: &'static str,
        client: &ClientInfo,
        channel: &Channel,
    ) -> Result<Write, StoreError> {
        let deed = Deed::new(action, "channel", channel.id.to_string());
        let deed = deed.with("kind", channel.kind.as_str());
        let deed = match &self.of {
            ChannelOwner::User(_) => deed,
            ChannelOwner::Project(slug) => deed.with("project", slug),
        };
        deed.row(self.services, self.caller, client)
    }
}
