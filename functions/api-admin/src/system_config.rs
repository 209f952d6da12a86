//! `/api/admin/system-config` and `/api/admin/feature-flags`: settings that take effect everywhere
//! within seconds.

use crate::change_settings::{change, check_key, shown};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::time::Timestamp;
use runtime::Services;
use runtime::settings::catalogue::{self, FLAGS, GROUPS};
use runtime::settings::{Origin, Values};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use web::{Admin, ApiError, ApiResult, Body, ClientInfo, Deed, PathParams};
use wire::Code;

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
pub struct SystemConfigItem {
    /// Key in its group.
    pub key: String,
    /// Value; `***` for a secret.
    pub value: Value,
    /// It is a secret.
    pub encrypted: bool,
    /// Where the value comes from: `db`, `env` or `default`.
    pub source: &'static str,
    /// What it is for.
    pub description: Option<String>,
    /// When it was set.
    pub updated_at: Option<String>,
    /// Who set it.
    pub updated_by: Option<u64>,
}

/// A flag.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeatureFlagOut {
    /// Name.
    pub key: String,
    /// Value.
    pub value: Value,
    /// When it was set; null while the default counts.
    pub updated_at: Option<String>,
    /// Who set it.
    pub updated_by: Option<u64>,
}

/// A new value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemConfigUpdateIn {
    /// Value; `***` leaves a secret as it is.
    #[serde(deserialize_with = "any")]
    value: Value,
    /// Seal it and never show it again.
    #[serde(default)]
    encrypted: Option<bool>,
    /// A note.
    #[serde(default)]
    description: Option<String>,
}

/// A new value of a flag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureFlagUpdateIn {
    /// Any JSON; what the server knows must be of its kind.
    #[serde(deserialize_with = "any")]
    value: Value,
}

/// A field that must be there, null or not.
fn any<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
    Value::deserialize(from)
}

fn item(values: &Values, group: &str, key: &str) -> SystemConfigItem {
    let entry = catalogue::find(group, key);
    let stored = values.stored().values.get(&catalogue::name(group, key));
    let (origin, _) = values.get(group, key);
    let stored = stored.filter(|_| origin == Origin::Stored);
    let note = stored.and_then(|stored| stored.description.clone());
    SystemConfigItem {
        key: key.to_owned(),
        value: shown(values, group, key),
        encrypted: entry.is_some_and(|e| e.secret) || stored.is_some_and(|s| s.sealed),
        source: origin.as_str(),
        description: note.or_else(|| entry.map(|entry| entry.about.to_owned())),
        updated_at: stored
            .map(|stored| stored.updated_at)
            .map(Timestamp::to_text),
        updated_by: stored.map(|stored| stored.updated_by),
    }
}

/// Keys of a group: those the server knows in their order, then what else is stored.
fn keys(values: &Values, group: &str) -> Vec<String> {
    let known = catalogue::ALL.iter().filter(|entry| entry.group == group);
    let mut keys: Vec<String> = known.map(|entry| entry.key.to_owned()).collect();
    let prefix = catalogue::name(group, "");
    let stored = values.stored().values.keys();
    let more = stored.filter_map(|name| name.strip_prefix(&prefix));
    let more = more.filter(|key| catalogue::find(group, key).is_none());
    keys.extend(more.map(str::to_owned));
    keys
}

fn items(values: &Values, group: &str) -> Vec<SystemConfigItem> {
    let keys = keys(values, group).into_iter();
    keys.map(|key| item(values, group, &key)).collect()
}

fn check_group(group: &str) -> ApiResult<()> {
    match GROUPS.contains(&group) {
        true => Ok(()),
        false => Err(ApiError::with(Code::ConfigGroupUnknown, [group])),
    }
}

/// Shows every setting by group. Secrets are never shown.
#[utoipa::path(get, path = "/api/admin/system-config", tag = "admin",
    responses((status = 200, body = BTreeMap<String, Vec<SystemConfigItem>>),
        (status = 403, description = "not an administrator")))]
pub async fn show_all(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<BTreeMap<&'static str, Vec<SystemConfigItem>>>> {
    let values = fresh(&services).await?;
    let groups = GROUPS.iter();
    Ok(Json(
        groups
            .map(|group| (*group, items(&values, group)))
            .collect(),
    ))
}

/// Shows the settings of one group.
#[utoipa::path(get, path = "/api/admin/system-config/{group}", tag = "admin",
    params(("group" = String, Path)),
    responses((status = 200, body = [SystemConfigItem]), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such group")))]
pub async fn show_group(
    State(services): State<Services>,
    _: Admin,
    path: PathParams,
) -> ApiResult<Json<Vec<SystemConfigItem>>> {
    check_group(path.text(0))?;
    Ok(Json(items(&*fresh(&services).await?, path.text(0))))
}

/// Sets a value. It counts before the environment and the default, on every instance within
/// seconds.
#[utoipa::path(put, path = "/api/admin/system-config/{group}/{key}", tag = "admin",
    params(("group" = String, Path), ("key" = String, Path)), request_body = SystemConfigUpdateIn,
    responses((status = 200, body = SystemConfigItem), (status = 400, description = "no key, or *** with nothing stored"),
        (status = 403, description = "not an administrator"), (status = 404, description = "no such group"),
        (status = 422, description = "not a value of this setting")))]
pub async fn set(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<SystemConfigUpdateIn>,
) -> ApiResult<Json<SystemConfigItem>> {
    let (group, key) = (path.text(0), path.text(1));
    check_group(group)?;
    let by = admin.user.id;
    let encrypted = wish.encrypted.unwrap_or(false);
    let sealed = encrypted || catalogue::find(group, key).is_some_and(|entry| entry.secret);
    let row = Deed::new(
        "system_config_set",
        "system_config",
        catalogue::name(group, key),
    )
    .with("group", group)
    .with("key", key)
    .with("encrypted", sealed)
    .row(&services, &by, &client)?;
    let values = change(&services, by, |draft| {
        let note = wish.description.clone();
        draft.set((group, key), &wish.value, encrypted, note)?;
        Ok(vec![row.clone()])
    });
    Ok(Json(item(&*values.await?, group, key)))
}

/// Forgets a value: the environment or the default counts again.
#[utoipa::path(delete, path = "/api/admin/system-config/{group}/{key}", tag = "admin",
    params(("group" = String, Path), ("key" = String, Path)),
    responses((status = 204, description = "forgotten"), (status = 400, description = "no key"),
        (status = 403, description = "not an administrator"), (status = 404, description = "no such group, or nothing stored")))]
pub async fn unset(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let (group, key) = (path.text(0), path.text(1));
    check_group(group)?;
    check_key(key)?;
    let by = admin.user.id;
    let name = catalogue::name(group, key);
    let deed = Deed::new("system_config_delete", "system_config", &name);
    let row = deed.row(&services, &by, &client)?;
    change(&services, by, |draft| match draft.unset(group, key) {
        true => Ok(vec![row.clone()]),
        false => Err(ApiError::with(Code::ConfigKeyUnknown, [&name])),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn flag(values: &Values, key: &str) -> FeatureFlagOut {
    let item = item(values, FLAGS, key);
    FeatureFlagOut {
        key: item.key,
        value: item.value,
        updated_at: item.updated_at,
        updated_by: item.updated_by,
    }
}

/// Lists the flags by name.
#[utoipa::path(get, path = "/api/admin/feature-flags", tag = "admin",
    responses((status = 200, body = [FeatureFlagOut]), (status = 403, description = "not an administrator")))]
pub async fn list_flags(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<Vec<FeatureFlagOut>>> {
    let values = fresh(&services).await?;
    let keys: BTreeSet<String> = keys(&values, FLAGS).into_iter().collect();
    Ok(Json(keys.iter().map(|key| flag(&values, key)).collect()))
}

/// Sets a flag.
#[utoipa::path(put, path = "/api/admin/feature-flags/{key}", tag = "admin",
    params(("key" = String, Path)), request_body = FeatureFlagUpdateIn,
    responses((status = 200, body = FeatureFlagOut), (status = 400, description = "no key"),
        (status = 403, description = "not an administrator"), (status = 422, description = "not a value of this flag")))]
pub async fn set_flag(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<FeatureFlagUpdateIn>,
) -> ApiResult<Json<FeatureFlagOut>> {
    let (key, by) = (path.text(0), admin.user.id);
    let deed = Deed::new("feature_flag_update", "feature_flag", key);
    let deed = deed.with("new_value", &wish.value);
    let row = deed.row(&services, &by, &client)?;
    let values = change(&services, by, |draft| {
        draft.set((FLAGS, key), &wish.value, false, None)?;
        Ok(vec![row.clone()])
    });
    Ok(Json(flag(&*values.await?, key)))
}

/// The settings as they are stored at this moment.
async fn fresh(services: &Services) -> ApiResult<std::sync::Arc<Values>> {
    let now = services.clock.now();
    Ok(services.settings.look(&services.store, now).await?)
}
