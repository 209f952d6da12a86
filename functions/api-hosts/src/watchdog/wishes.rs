//! `PUT /api/hosts/{host}/watchdog/policy` and `POST …/asks`: what people ask of a watchdog, and
//! their word on what it asks of them.

use super::show::{WatchdogOut, dog_out, to_edit};
use crate::refused::refused;
use axum::Json;
use axum::extract::State;
use domain::time::Timestamp;
use domain::watchdog::{Approval, Maintenance, Mute, Watchdog};
use runtime::Services;
use serde::Deserialize;
use serde_json::json;
use store::table::Write;
use utoipa::ToSchema;
use web::{ApiResult, Body, Caller, ClientInfo, Deed, Invalid, PathParams};

/// Muted kinds.
const MUTES: usize = 20;
/// Characters of a short word.
const WORD_CHARS: usize = 128;

/// All wishes for one watchdog; what is left out is not wished for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchdogWishesIn {
    /// Which.
    agent_id: String,
    /// Do nothing until then, RFC 3339.
    #[serde(default)]
    paused_until: Option<String>,
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Do nothing in between.
    #[serde(default)]
    maintenance: Option<MaintenanceIn>,
    /// What not to tell.
    #[serde(default)]
    mute: Vec<MuteIn>,
}

/// A span of time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceIn {
    /// Begin, RFC 3339.
    from: String,
    /// End, RFC 3339.
    to: String,
}

/// A kind of problem.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MuteIn {
    /// `disk`, `memory`, …
    #[serde(rename = "type")]
    kind: String,
    /// Until then, RFC 3339.
    until: String,
}

/// Somebody's word.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskAnswerIn {
    /// Which watchdog asked.
    agent_id: String,
    /// Digest of exactly the action it asked leave for.
    digest: String,
    /// `allow` or `deny`.
    verdict: String,
}

fn instant(field: &str, text: &str) -> ApiResult<Timestamp> {
    Timestamp::parse(text).ok_or_else(|| {
        let msg = "Input should be an RFC 3339 instant";
        Invalid::at(&["body", field], "datetime_parsing", msg, json!(text)).into()
    })
}

async fn save(
    services: &Services,
    dog: &Watchdog,
    row: Write,
    change: impl FnMut(&mut Watchdog),
) -> ApiResult<Watchdog> {
    Ok(services.store.update_watchdog(dog, &[row], change).await?)
}

/// Says what a watchdog shall do. It can only be asked to do less than its host's own file allows.
#[utoipa::path(put, path = "/api/hosts/{host}/watchdog/policy", tag = "watchdog", request_body = WatchdogWishesIn,
    params(("host" = String, Path)),
    responses((status = 200, body = WatchdogOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such watchdog"), (status = 422, description = "invalid body")))]
pub async fn set_wishes(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<WatchdogWishesIn>,
) -> ApiResult<Json<WatchdogOut>> {
    let paused = wish.paused_until.as_deref().filter(|text| !text.is_empty());
    let paused = paused
        .map(|text| instant("paused_until", text))
        .transpose()?;
    let span = wish.maintenance.as_ref().map(|span| {
        let (from, to) = (
            instant("maintenance", &span.from)?,
            instant("maintenance", &span.to)?,
        );
        match from < to {
            true => Ok(Maintenance { from, to }),
            false => Err(refused(&["maintenance"], "It ends before it begins")),
        }
    });
    let span = span.transpose()?;
    if wish.mute.len() > MUTES {
        return Err(refused(&["mute"], "At most 20 kinds"));
    }
    let mute = wish.mute.iter().map(|mute| {
        Invalid::check_chars("mute", Some(&mute.kind), WORD_CHARS)?;
        let until = instant("mute", &mute.until)?;
        Ok(Mute {
            kind: mute.kind.clone(),
            until,
        })
    });
    let mute: Vec<Mute> = mute.collect::<ApiResult<_>>()?;
    let dog = to_edit(&services, &caller, path.text(0), &wish.agent_id).await?;
    let deed = Deed::new("watchdog_policy", "watchdog", &dog.agent).with("host", &dog.host);
    let row = deed.row(&services, &caller, &client)?;
    let changed = save(&services, &dog, row, |dog| {
        let wishes = &mut dog.wishes;
        wishes.version += 1;
        (wishes.paused_until, wishes.dry_run) = (paused, wish.dry_run);
        wishes.maintenance.clone_from(&span);
        wishes.mute.clone_from(&mute);
    });
    let changed = changed.await?;
    Ok(Json(dog_out(&caller, changed, services.clock.now())))
}

/// Says yes or no to an action a watchdog asked leave for. It holds for exactly that action, and
/// only as long as the watchdog still waits for it.
#[utoipa::path(post, path = "/api/hosts/{host}/watchdog/asks", tag = "watchdog", request_body = AskAnswerIn,
    params(("host" = String, Path)),
    responses((status = 200, body = WatchdogOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such watchdog"), (status = 422, description = "invalid body")))]
pub async fn answer_ask(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(answer): Body<AskAnswerIn>,
) -> ApiResult<Json<WatchdogOut>> {
    Invalid::check_chars("digest", Some(&answer.digest), WORD_CHARS)?;
    let allow = match answer.verdict.as_str() {
        "allow" => true,
        "deny" => false,
        _ => return Err(refused(&["verdict"], "Input should be allow or deny")),
    };
    let dog = to_edit(&services, &caller, path.text(0), &answer.agent_id).await?;
    let deed = Deed::new("watchdog_answer", "watchdog", &dog.agent)
        .with("host", &dog.host)
        .with("digest", &answer.digest)
        .with("verdict", &answer.verdict);
    let row = deed.row(&services, &caller, &client)?;
    let now = services.clock.now();
    let changed = save(&services, &dog, row, |dog| {
        dog.wishes.approve(Approval {
            digest: answer.digest.clone(),
            allow,
            by: caller.user().username.clone(),
            at: now,
        });
    });
    let changed = changed.await?;
    Ok(Json(dog_out(&caller, changed, now)))
}
