//! Which thresholds count for which batch.

use domain::batch::Batch;
use domain::guardrail::Thresholds;
use std::collections::{BTreeSet, HashMap};
use store::{Store, StoreError};

/// Projects remembered during a walk.
const REMEMBERED: usize = 2000;

/// Thresholds by project, read once in a walk.
pub(crate) struct Book {
    general: Thresholds,
    by_project: HashMap<String, Option<Thresholds>>,
}

/// What a project sets counts only for what its members report: a stranger who uses its name
/// stays alone.
fn project(batch: &Batch) -> Option<&str> {
    batch.enrolled.then_some(batch.project.as_str())
}

impl Book {
    pub(crate) fn new(general: Thresholds) -> Self {
        Self {
            general,
            by_project: HashMap::new(),
        }
    }

    /// Reads what the projects of `batches` set.
    pub(crate) async fn learn<'a>(
        &mut self,
        store: &Store,
        batches: impl Iterator<Item = &'a Batch>,
    ) -> Result<(), StoreError> {
        if self.by_project.len() > REMEMBERED {
            self.by_project.clear();
        }
        let unknown = |name: &&str| !self.by_project.contains_key(*name);
        let wanted: BTreeSet<&str> = batches.filter_map(project).filter(unknown).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        for found in store.projects(&wanted).await? {
            let own = Some(found.guardrails).filter(|own| !own.is_nothing());
            let own = own.map(|own| own.over(&self.general));
            self.by_project.insert(found.slug, own);
        }
        for name in wanted {
            self.by_project.entry(name).or_insert(None);
        }
        Ok(())
    }

    /// What counts for a batch.
    pub(crate) fn of(&self, batch: &Batch) -> Thresholds {
        let own = project(batch).and_then(|name| self.by_project.get(name)?.clone());
        own.unwrap_or_else(|| self.general.clone())
    }
}
