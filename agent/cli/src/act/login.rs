//! `argus login` and `argus logout`.

use super::prompt;
use crate::args::Login;
use crate::console::Console;
use crate::fault::{Exit, Fault};
use crate::read::cell;
use crate::settings::Settings;
use crate::variables;
use reporter::credentials::{self, Credentials};
use serde_json::json;
use std::path::PathBuf;

/// Makes a token with a password, or takes one, checks it and keeps it.
pub fn login(settings: &Settings, console: &Console, wish: Login) -> Result<(), Fault> {
    let url = settings.url()?;
    let token = match wish.token_stdin {
        true => prompt::piped()?,
        false => made(settings, &wish)?,
    };
    if !(token.starts_with("em_live_") || token.starts_with("em_view_")) {
        return Err(Fault::new(
            Exit::Usage,
            "this is no token: they begin with em_live_ or em_view_",
        )
        .hint("the server's settings page makes tokens"));
    }
    let who = settings
        .api_as(Some(token.clone()))?
        .get("/api/auth/me", &[])?;
    let (path, mut kept) = kept()?;
    kept.tokens.insert(url.to_owned(), token);
    kept.default_url = Some(url.to_owned());
    credentials::store(&path, &kept).map_err(|error| Fault::file(path.display(), &error))?;
    console.answer(&json!({"server": url, "username": who["username"]}), || {
        let name = cell(&who["username"]);
        format!(
            "logged in to {url} as {name}; the token is in {}",
            path.display()
        )
    })?;
    for name in [variables::TOKEN, variables::TOKEN_FILE] {
        if variables::read(name).is_some() {
            console.say(&format!("note: {name} is set and goes before it"));
        }
    }
    Ok(())
}

/// A session for one request: the token outlives it.
fn made(settings: &Settings, wish: &Login) -> Result<String, Fault> {
    let username = match &wish.username {
        Some(name) => name.clone(),
        None => prompt::ask("user name or mail address")?,
    };
    let password = match wish.password_stdin {
        true => prompt::piped()?,
        false => prompt::ask_secret("password")?,
    };
    let asked = json!({"username_or_email": username, "password": password});
    let session = settings.api_as(None)?.post("/api/auth/login", &asked);
    let session = session.map_err(|fault| match fault.exit {
        Exit::Auth => Fault::new(Exit::Auth, "wrong name or password"),
        _ => fault,
    })?;
    let session = session["access_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let api = settings.api_as(Some(session))?;
    let scope = if wish.read_only { "viewer" } else { "reporter" };
    let made = api.post("/api/tokens", &json!({"name": wish.name, "scope": scope}))?;
    // The session is not needed any more; a server that keeps it does no harm.
    let _ = api.post("/api/auth/logout", &json!({}));
    let token = made["token"].as_str();
    token
        .map(str::to_owned)
        .ok_or_else(|| Fault::failed("the server gave no token"))
}

/// Forgets the token of this server. It still works elsewhere: only the server can end it.
pub fn logout(settings: &Settings, console: &Console) -> Result<(), Fault> {
    let url = settings.url()?;
    let (path, mut kept) = kept()?;
    let forgotten = kept.tokens.remove(url).is_some();
    if forgotten {
        kept.default_url = kept.default_url.filter(|default| default != url);
        credentials::store(&path, &kept).map_err(|error| Fault::file(path.display(), &error))?;
    }
    console.answer(
        &json!({"server": url, "forgotten": forgotten}),
        || match forgotten {
            true => format!(
                "the token for {url} is forgotten; end it for good on the server's settings page"
            ),
            false => format!("no token was kept for {url}"),
        },
    )
}

fn kept() -> Result<(PathBuf, Credentials), Fault> {
    let path = credentials::path();
    let path = path.ok_or_else(|| Fault::failed("no home folder to keep the token in"))?;
    let kept = credentials::load(&path);
    Ok((path, kept))
}
