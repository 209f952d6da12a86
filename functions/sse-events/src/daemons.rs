//! What a stream says about agents and watchdogs. They come and go without a batch, so no feed
//! speaks of them: what is told is that they are not as they were, and whoever shows them looks.

use crate::channel::Channel;
use crate::frame;
use bytes::Bytes;
use domain::agent::Agent;
use domain::time::Timestamp;
use domain::watchdog::Watchdog;
use runtime::{Identity, Services};
use serde_json::{Value, json};
use store::StoreError;
use store::hub::DaemonNews;
use web::watchdogs;

/// Between looks nobody asked for, seconds: going silent is news that nobody brings.
const LOOK_SECS: i64 = 10;

struct Watched {
    channel: Channel,
    /// What was found last; nothing before the first look.
    found: Option<Value>,
}

/// Follows the agents and watchdogs a stream asked for.
pub struct Daemons {
    who: Identity,
    watched: Vec<Watched>,
    looked: Timestamp,
}

impl Daemons {
    /// Nothing was looked at yet.
    pub fn new(who: Identity, channels: &[Channel]) -> Self {
        let wanted = channels.iter().filter(|channel| channel.follows_daemons());
        let watched = wanted.cloned().map(|channel| Watched {
            channel,
            found: None,
        });
        Self {
            who,
            watched: watched.collect(),
            looked: Timestamp(0),
        }
    }

    /// Whether there is anything to follow.
    pub fn any(&self) -> bool {
        !self.watched.is_empty()
    }

    /// The frames after some news; what does not concern the stream costs no read.
    pub async fn changed(
        &mut self,
        services: &Services,
        news: &DaemonNews,
    ) -> Result<Vec<Bytes>, StoreError> {
        let own = news.owner == self.who.user.id;
        self.look(services, |channel| match channel {
            Channel::Host(host) => *host == news.host,
            _ => own,
        })
        .await
    }

    /// The frames after what other processes wrote or silence brought. The first look tells
    /// nothing: whoever just came reads everything by itself.
    pub async fn poll(&mut self, services: &Services) -> Result<Vec<Bytes>, StoreError> {
        let now = services.clock.now();
        if self.watched.is_empty() || now.secs() - self.looked.secs() < LOOK_SECS {
            return Ok(vec![]);
        }
        self.looked = now;
        self.look(services, |_| true).await
    }

    async fn look(
        &mut self,
        services: &Services,
        concerns: impl Fn(&Channel) -> bool,
    ) -> Result<Vec<Bytes>, StoreError> {
        let now = services.clock.now();
        let mut frames = vec![];
        for watched in &mut self.watched {
            if !concerns(&watched.channel) {
                continue;
            }
            let (kind, found) = find(services, &self.who, &watched.channel, now).await?;
            let before = watched.found.replace(found);
            if before.is_some() && before != watched.found {
                frames.push(frame_of(kind, &watched.channel, now));
            }
        }
        Ok(frames)
    }
}

async fn find(
    services: &Services,
    who: &Identity,
    channel: &Channel,
    now: Timestamp,
) -> Result<(&'static str, Value), StoreError> {
    let store = &services.store;
    if let Channel::Host(host) = channel {
        let dogs = watchdogs::on_host(services, who, host).await?;
        return Ok(("host_changed", json!(dogs_as_of(&dogs, now))));
    }
    let agents = store.agents(who.user.id).await?;
    let dogs = store.watchdogs_of(who.user.id).await?;
    let agents: Vec<Value> = agents.iter().map(|agent| agent_as_of(agent, now)).collect();
    Ok(("agents_changed", json!([agents, dogs_as_of(&dogs, now)])))
}

/// What pages show of an agent, less the time of its last sign of life, which is no news.
fn agent_as_of(agent: &Agent, now: Timestamp) -> Value {
    json!([
        agent.id,
        agent.place.hostname,
        agent.label,
        agent.version,
        agent.policy,
        agent.runs,
        agent.expires_at,
        agent.is_online(now)
    ])
}

/// Watchdogs speak rarely, and when they do there is something to see.
fn dogs_as_of(dogs: &[Watchdog], now: Timestamp) -> Vec<Value> {
    let dog = |dog: &Watchdog| json!([dog, dog.is_online(now)]);
    dogs.iter().map(dog).collect()
}

/// As an event of a batch, of none: clients need no second way to read it. It has no id, since it
/// is no place to resume from.
fn frame_of(kind: &str, channel: &Channel, now: Timestamp) -> Bytes {
    let data = json!({"event_type": kind, "timestamp": now.to_text(), "batch_id": "", "job_id": null,
        "event_id": null, "source": {}, "data": {}, "channel": channel.name()});
    frame::control(None, kind, &data)
}
