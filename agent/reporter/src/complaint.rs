//! What people are told when events have to wait.

use crate::notice::Weight;
use crate::send::Cause;
use crate::settings::Settings;

/// Topics that are over when an event gets through.
pub(crate) const PASSING: [&str; 3] = ["unreachable", "trouble", "busy"];

/// Topic, weight and text; `None` when nothing is wrong with the server.
pub(crate) fn about(cause: &Cause, settings: &Settings) -> Option<(&'static str, Weight, String)> {
    let url = settings.url.as_deref().unwrap_or_default();
    let kept = format!(
        "events are kept in {} and sent later",
        settings.dir.display()
    );
    Some(match cause {
        Cause::GivenUp => return None,
        Cause::Busy => (
            "busy",
            Weight::Info,
            format!("{url} asks for patience; {kept}"),
        ),
        Cause::Unreachable(why) => {
            let text = format!("cannot reach {url}: {why}; {kept}");
            ("unreachable", Weight::Warning, text)
        }
        Cause::Trouble(why) => {
            let text = format!("{url} has trouble: {why}; {kept}");
            ("trouble", Weight::Warning, text)
        }
        Cause::Token(why) => {
            let text = format!("{url} refuses the token: {why}; check ARGUS_TOKEN; {kept}");
            ("token", Weight::Error, text)
        }
        Cause::Route(why) => {
            let text = format!("{url} does not take events: {why}; check ARGUS_URL; {kept}");
            ("route", Weight::Error, text)
        }
    })
}
