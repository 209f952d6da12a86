//! The batches a page is about, with their live jobs.

use domain::account::UserId;
use domain::batch::Batch;
use domain::figures::Part;
use runtime::Services;
use store::Versioned;
use store::digests::Jobs;
use web::{ApiResult, Caller, Params, visible};

/// Whose batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The caller's own.
    Mine,
    /// Those of others that the caller may see.
    Shared,
    /// Both.
    All,
}

impl Scope {
    /// Reads `scope=mine|shared|all`; all when absent.
    pub fn read(params: &Params) -> ApiResult<Self> {
        Ok(match params.choice("scope", &["all", "mine", "shared"])? {
            "mine" => Self::Mine,
            "shared" => Self::Shared,
            _ => Self::All,
        })
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Shared => "shared",
            Self::All => "all",
        }
    }

    /// Whether it holds what belongs to `owner`, when `me` asks.
    pub fn holds(self, owner: Option<UserId>, me: UserId) -> bool {
        match self {
            Self::Mine => owner == Some(me),
            Self::Shared => owner != Some(me),
            Self::All => true,
        }
    }
}

/// What the caller sees.
pub struct Seen {
    batches: Vec<Versioned<Batch>>,
    jobs: Vec<Jobs>,
}

impl Seen {
    /// Loads every batch the caller may see, newest start first.
    pub async fn load(services: &Services, caller: &Caller) -> ApiResult<Self> {
        let batches = visible::batches(services, caller, None, None).await?;
        let jobs = services.store.live_jobs(&batches).await?;
        Ok(Self { batches, jobs })
    }

    /// The batches within `scope`, when `me` asks.
    pub fn parts(&self, scope: Scope, me: UserId) -> Vec<Part<'_>> {
        let batches = self.batches.iter().map(|batch| &batch.value);
        let parts = batches.zip(self.jobs.iter().map(|jobs| &**jobs));
        parts
            .filter(|(batch, _)| scope.holds(batch.owner_id, me))
            .collect()
    }
}
