//! What can be followed, and reading the `channels` parameter.

use domain::limits::SSE_CHANNELS;
use web::{ApiError, ApiResult};
use wire::Code;

/// One followed thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// All events of a batch.
    Batch(String),
    /// Events of one job.
    Job(String, String),
    /// Everything; administrators only.
    Dashboard,
    /// All batches the caller may see.
    Batches,
    /// The caller's agents and watchdogs.
    Agents,
    /// The watchdogs on a host.
    Host(String),
}

impl Channel {
    /// The selector as clients write it.
    pub fn name(&self) -> String {
        match self {
            Self::Batch(batch) => format!("batch:{batch}"),
            Self::Job(batch, job) => format!("job:{batch}:{job}"),
            Self::Dashboard => "dashboard".into(),
            Self::Batches => "batches".into(),
            Self::Agents => "agents".into(),
            Self::Host(host) => format!("host:{host}"),
        }
    }

    /// The batch this channel is bound to.
    pub fn batch(&self) -> Option<&str> {
        match self {
            Self::Batch(batch) | Self::Job(batch, _) => Some(batch),
            Self::Dashboard | Self::Batches | Self::Agents | Self::Host(_) => None,
        }
    }

    /// The host this channel is bound to.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Host(host) => Some(host),
            _ => None,
        }
    }

    /// Whether it speaks of many batches.
    pub fn follows_many(&self) -> bool {
        matches!(self, Self::Dashboard | Self::Batches)
    }

    /// Whether it speaks of agents and watchdogs instead of batches.
    pub fn follows_daemons(&self) -> bool {
        matches!(self, Self::Agents | Self::Host(_))
    }

    /// Whether an event of a followed batch belongs to this channel.
    pub fn wants(&self, batch: &str, job: Option<&str>) -> bool {
        match self {
            Self::Batch(own) => own == batch,
            Self::Job(own, own_job) => own == batch && job == Some(own_job),
            Self::Dashboard | Self::Batches => true,
            Self::Agents | Self::Host(_) => false,
        }
    }
}

/// Reads a comma list; blanks and repeats are dropped.
pub fn parse(list: &str) -> ApiResult<Vec<Channel>> {
    let mut channels = Vec::new();
    for name in list.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        let channel = one(name).ok_or_else(|| {
            let problem = format!("unknown or malformed channel {name:?}");
            ApiError::with(Code::ChannelsInvalid, [problem])
        })?;
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    if channels.is_empty() {
        return Err(ApiError::with(
            Code::ChannelsInvalid,
            ["at least one is needed"],
        ));
    }
    if channels.len() > SSE_CHANNELS {
        let problem = format!("at most {SSE_CHANNELS}");
        return Err(ApiError::with(Code::ChannelsInvalid, [problem]));
    }
    Ok(channels)
}

fn one(name: &str) -> Option<Channel> {
    match name {
        "dashboard" => return Some(Channel::Dashboard),
        "batches" => return Some(Channel::Batches),
        "agents" => return Some(Channel::Agents),
        _ => {}
    }
    let (kind, rest) = name.split_once(':')?;
    match kind {
        "batch" if !rest.is_empty() => Some(Channel::Batch(rest.to_owned())),
        "host" if !rest.is_empty() => Some(Channel::Host(rest.to_owned())),
        "job" => {
            let (batch, job) = rest.split_once(':')?;
            (!batch.is_empty() && !job.is_empty())
                .then(|| Channel::Job(batch.to_owned(), job.to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lists_and_refuses_nonsense() {
        let job = Channel::Job("b".into(), "j:1".into());
        assert_eq!(
            parse(" batch:b ,, job:b:j:1,batch:b").expect("valid"),
            vec![Channel::Batch("b".into()), job]
        );
        let daemons = vec![Channel::Agents, Channel::Host("gpu:1".into())];
        assert_eq!(parse("agents,host:gpu:1").expect("valid"), daemons);
        for bad in [
            "", " , ", "batch:", "job:b", "job:b:", "host:", "nope", "x:y",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let many: Vec<String> = (0..65).map(|i| format!("batch:{i}")).collect();
        assert!(parse(&many.join(",")).is_err());
        assert!(parse(&many[..64].join(",")).is_ok());
    }
}
