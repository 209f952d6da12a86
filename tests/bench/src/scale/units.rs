//! What a call asks of the table: the same routes in this process, over the same data.

use super::OWNER;
use crate::Outcome;
use std::path::Path;
use test_kit::TestApp;
use test_kit::app::Setup;
use test_kit::capacity::{ReadTotals, ReadUnits};

/// Reads of the first and of the second call of each route, each in an instance of its own.
///
/// # Errors
/// A call that fails, or scans.
pub async fn count(data: &Path, routes: &[String]) -> Outcome<Vec<(ReadTotals, ReadTotals)>> {
    let units = ReadUnits::default();
    let setup = || Setup {
        directory: Some(data.to_owned()),
        read_units: Some(units.clone()),
        shared: true,
        ..Setup::default()
    };
    let all = argus_local::mount::routes;
    let app = TestApp::with(all(), setup()).await;
    let owner = app.services.store.user_named(OWNER).await?;
    let owner = owner.ok_or("the owner is gone")?.value;
    let session = app.session(&owner).await;
    let mut found = Vec::new();
    for route in routes {
        let instance = app.sibling(all(), &setup());
        let caller = instance.bearer(session.secret());
        let mut calls = [ReadTotals::default(); 2];
        for totals in &mut calls {
            units.take();
            let reply = caller.get(route).await;
            *totals = units.take();
            if !reply.status.is_success() {
                return Err(format!("{route}: {}", reply.status).into());
            }
            if totals.scans > 0 {
                return Err(format!("{route} scans the table").into());
            }
        }
        found.push((calls[0], calls[1]));
    }
    Ok(found)
}
