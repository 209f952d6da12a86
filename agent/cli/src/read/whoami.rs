//! `argus whoami`.

use super::cell;
use crate::console::Console;
use crate::fault::Fault;
use crate::settings::Settings;

/// Prints whose token it is and what it may do.
pub fn whoami(settings: &Settings, console: &Console) -> Result<(), Fault> {
    let api = settings.api()?;
    let mut who = api.get("/api/auth/me", &[])?;
    who["server"] = settings.url()?.into();
    who["access"] = access(settings.token()).into();
    console.answer(&who, || {
        let name = cell(&who["username"]);
        format!("{name} at {}, {}", api.url(), access(settings.token()))
    })
}

/// What a token may do, as its kind says.
pub fn access(token: Option<&str>) -> &'static str {
    match token {
        None => "no token",
        Some(token) if token.starts_with("em_view_") => "read only",
        Some(token) if token.starts_with("em_live_") => "read and report",
        Some(token) if token.starts_with("ag_live_") => "agent",
        Some(_) => "session",
    }
}
