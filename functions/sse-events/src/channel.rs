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
}

impl Channel {
    /// The selector as clients write it.
    pub fn name(&self) -> String {
        match self {
            Self::Batch(batch) => format!("batch:{batch}"),
            Self::Job(batch, job) => format!("job:{batch}:{job}"),
            Self::Dashboard => "dashboard".into(),
            Self::Batches => "batches".into(),
        }
    }

    /// The batch this channel is bound to; `None` for those that follow many.
    pub fn batch(&self) -> Option<&str> {
        match self {
            Self::Batch(batch) | Self::Job(batch, _) => Some(batch),
            Self::Dashboard | Self::Batches => None,
        }
    }

    /// Whether an event of a followed batch belongs to this channel.
    pub fn wants(&self, batch: &str, job: Option<&str>) -> bool {
        match self {
            Self::Batch(own) => own == batch,
            Self::Job(own, own_job) => own == batch && job == Some(own_job),
            Self::Dashboard | Self::Batches => true,
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
        _ => {}
    }
    let (kind, rest) = name.split_once(':')?;
    match kind {
        "batch" if !rest.is_empty() => Some(Channel::Batch(rest.to_owned())),
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
        for bad in ["", " , ", "batch:", "job:b", "job:b:", "nope", "x:y"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let many: Vec<String> = (0..65).map(|i| format!("batch:{i}")).collect();
        assert!(parse(&many.join(",")).is_err());
        assert!(parse(&many[..64].join(",")).is_ok());
    }
}
