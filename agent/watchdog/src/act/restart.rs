//! Restarts one unit and sees whether it runs.

use super::Done;
use crate::collect::reached;
use crate::dbus::Systemd;
use crate::settings::Services;
use std::time::Duration;

/// Restarts `unit` unless it is well again.
#[must_use]
pub fn restart(unit: &str, services: &Services) -> Done {
    // The policy looked at the list; this look costs nothing and is the last before the deed.
    if !services.units.iter().any(|listed| listed == unit) {
        return Done::failure("the unit is not in services.units");
    }
    let mut bus = match Systemd::connect(&services.bus) {
        Ok(bus) => bus,
        Err(e) => return Done::failure(e.to_string()),
    };
    match bus.state(unit) {
        Ok(state) if state.busy => return Done::skipped("systemd is already at work on it"),
        Ok(state) if state.active == "active" && is_answering(unit, services) => {
            return Done::skipped("it is well again");
        }
        Ok(state) if state.load != "loaded" => {
            return Done::failure(format!("systemd knows no such unit ({})", state.load));
        }
        Ok(_) => {}
        Err(e) => return Done::failure(e.to_string()),
    }
    match bus.restart(unit, Duration::from_secs(services.restart_timeout.max(1))) {
        Ok(result) if result == "done" => {}
        Ok(result) => return Done::failure(format!("systemd says: {result}")),
        Err(e) => return Done::failure(e.to_string()),
    }
    match bus.state(unit) {
        Ok(state) if state.active == "active" => Done::success("restarted, active"),
        Ok(state) => Done::failure(format!("restarted, but {state}")),
        Err(e) => Done::failure(e.to_string()),
    }
}

fn is_answering(unit: &str, services: &Services) -> bool {
    let mut checks = services
        .check
        .iter()
        .filter(|c| c.unit.as_deref() == Some(unit));
    checks.all(|check| reached(check).is_ok())
}
