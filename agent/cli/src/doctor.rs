//! `argus doctor`: address, token, clock, kept events, one line each.

use crate::console::Console;
use crate::fault::{Exit, Fault};
use crate::moment::Moment;
use crate::read::whoami::access;
use crate::settings::Settings;
use serde_json::{Value, json};

/// A clock further off makes runs begin before they began, seconds.
const CLOCK_SECS: i64 = 30;

/// What was looked at and what was found.
struct Finding {
    what: &'static str,
    exit: Exit,
    text: String,
    hint: Option<String>,
}

/// Looks at everything that reporting needs; ends with the code of the first thing that is wrong.
pub fn doctor(settings: &Settings, console: &Console) -> Result<i32, Fault> {
    let mut found = vec![address(settings)];
    if found[0].exit == Exit::Done {
        found.push(token(settings));
        found.push(clock(settings));
    }
    found.push(kept(settings));
    let rows: Vec<Value> = found
        .iter()
        .map(|f| json!({"check": f.what, "ok": f.exit == Exit::Done, "text": f.text, "hint": f.hint}))
        .collect();
    let lines: Vec<String> = found
        .iter()
        .map(|f| {
            let mark = if f.exit == Exit::Done { "ok" } else { "!!" };
            let hint = f
                .hint
                .as_ref()
                .map_or_else(String::new, |hint| format!("\n           {hint}"));
            format!("{mark}  {:7} {}{hint}", f.what, f.text)
        })
        .collect();
    console.answer(&Value::Array(rows), || lines.join("\n"))?;
    let worst = found
        .iter()
        .map(|f| f.exit)
        .find(|exit| *exit != Exit::Done);
    Ok(worst.unwrap_or(Exit::Done) as i32)
}

fn finding(what: &'static str, text: impl Into<String>) -> Finding {
    Finding {
        what,
        exit: Exit::Done,
        text: text.into(),
        hint: None,
    }
}

fn wrong(what: &'static str, fault: Fault) -> Finding {
    Finding {
        what,
        exit: fault.exit,
        text: fault.text,
        hint: fault.hint,
    }
}

fn address(settings: &Settings) -> Finding {
    let asked = settings.api_as(None).and_then(|api| api.impatient().date());
    match asked {
        Ok(_) => {
            let url = settings.url().unwrap_or_default();
            finding(
                "server",
                format!("{url} answers (from {})", settings.url_from()),
            )
        }
        Err(fault) => wrong(
            "server",
            fault.hint("check the address, the network, a proxy, ARGUS_CA_BUNDLE"),
        ),
    }
}

fn token(settings: &Settings) -> Finding {
    let asked = settings
        .api()
        .and_then(|api| api.impatient().get("/api/auth/me", &[]));
    match asked {
        Ok(who) => {
            let name = crate::read::cell(&who["username"]);
            let (from, may) = (settings.token_from(), access(settings.token()));
            finding("token", format!("{name}, {may} (from {from})"))
        }
        Err(fault) => wrong("token", fault),
    }
}

fn clock(settings: &Settings) -> Finding {
    let date = settings.api_as(None).and_then(|api| api.impatient().date());
    let server = date.ok().flatten().and_then(|date| http_date(&date));
    let Some(server) = server else {
        return finding("clock", "the server does not date its answers");
    };
    let off = (Moment::now().0 - server.0) / 1000;
    match off.abs() <= CLOCK_SECS {
        true => finding("clock", format!("within {CLOCK_SECS} s of the server's")),
        false => {
            let word = if off > 0 { "ahead of" } else { "behind" };
            let fault = Fault::failed(format!("{} s {word} the server's", off.abs()));
            wrong("clock", fault.hint("timedatectl set-ntp true"))
        }
    }
}

/// `Sat, 21 Nov 2026 04:20:39 GMT`.
fn http_date(text: &str) -> Option<Moment> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_whitespace().skip(1);
    let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    Moment::parse(&format!("{year}-{month:02}-{day:0>2}T{clock}Z"))
}

fn kept(settings: &Settings) -> Finding {
    let folder = settings.found.dir.display();
    match crate::act::sync::waiting(settings) {
        0 => finding("spool", format!("nothing waits in {folder}")),
        bytes => {
            let mut found = finding("spool", format!("{bytes} bytes of events wait in {folder}"));
            found.hint = Some("the next run sends them, or argus sync".to_owned());
            found
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_answers_are_read() {
        let at = http_date("Sat, 21 Nov 2026 04:20:39 GMT").map(Moment::text);
        assert_eq!(at.as_deref(), Some("2026-11-21T04:20:39.000Z"));
        assert_eq!(http_date("now"), None);
    }
}
