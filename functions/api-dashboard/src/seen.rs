//! The batches a page is about, with their live jobs.

use domain::account::UserId;
use domain::batch::Batch;
use domain::figures::Part;
use runtime::Services;
use store::Versioned;
use store::digests::Jobs;
use web::{ApiResult, Params, Scope, Sight, visible};

/// Reads `scope=mine|shared|all`; all when absent. With it comes the word.
pub fn scope(params: &Params) -> ApiResult<(Scope, &'static str)> {
    let word = params.choice("scope", &["all", "mine", "shared"])?;
    let scope = match word {
        "mine" => Scope::Mine,
        "shared" => Scope::Shared,
        _ => Scope::All,
    };
    Ok((scope, word))
}

/// Whether `scope` holds what belongs to `owner`, when `me` asks.
pub fn holds(scope: Scope, owner: Option<UserId>, me: UserId) -> bool {
    match scope {
        Scope::Mine => owner == Some(me),
        Scope::Shared => owner != Some(me),
        Scope::All | Scope::Public => true,
    }
}

/// What the caller sees.
pub struct Seen {
    batches: Vec<Versioned<Batch>>,
    jobs: Vec<Jobs>,
}

impl Seen {
    /// Loads every batch the caller may see, newest start first.
    pub async fn load(services: &Services, sight: &mut Sight) -> ApiResult<Self> {
        let batches = visible::batches_in(services, sight, None, Scope::All, None).await?;
        let jobs = services.store.live_jobs(&batches).await?;
        Ok(Self { batches, jobs })
    }

    /// The batches within `scope`, when `me` asks.
    pub fn parts(&self, scope: Scope, me: UserId) -> Vec<Part<'_>> {
        let batches = self.batches.iter().map(|batch| &batch.value);
        let parts = batches.zip(self.jobs.iter().map(|jobs| &**jobs));
        parts
            .filter(|(batch, _)| holds(scope, batch.owner_id, me))
            .collect()
    }
}
