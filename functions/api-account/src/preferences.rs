//! `/api/users/me/preferences`: language of mails, and whether the demo is shown.

use axum::Json;
use axum::extract::State;
use domain::account::{User, is_locale};
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, Invalid};
use wire::Code;

/// What to change; what is absent or null stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesPatchIn {
    /// Hide the demo project.
    #[serde(default)]
    hide_demo: Option<bool>,
    /// Two letters of language, a hyphen, two of country.
    #[serde(default)]
    #[schema(pattern = "^[a-z]{2}-[A-Z]{2}$")]
    preferred_locale: Option<String>,
}

/// Preferences.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreferencesOut {
    /// Hide the demo project.
    pub hide_demo: bool,
    /// Language of mails.
    pub preferred_locale: String,
}

impl From<User> for PreferencesOut {
    fn from(user: User) -> Self {
        Self {
            hide_demo: user.hide_demo,
            preferred_locale: user.locale,
        }
    }
}

/// Shows the caller's preferences.
#[utoipa::path(get, path = "/api/users/me/preferences", tag = "account",
    responses((status = 200, body = PreferencesOut)))]
pub async fn show_preferences(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<PreferencesOut>> {
    // The caller may come from a cache that is some seconds old.
    let user = services.store.user(caller.user().id).await?;
    let user = user.ok_or_else(|| ApiError::new(Code::AuthRequired))?;
    Ok(Json(user.value.into()))
}

/// Changes some of the caller's preferences.
#[utoipa::path(patch, path = "/api/users/me/preferences", tag = "account",
    request_body = PreferencesPatchIn,
    responses((status = 200, body = PreferencesOut), (status = 422, description = "invalid input")))]
pub async fn update_preferences(
    State(services): State<Services>,
    caller: Caller,
    Body(wish): Body<PreferencesPatchIn>,
) -> ApiResult<Json<PreferencesOut>> {
    if let Some(text) = wish.preferred_locale.as_deref().filter(|t| !is_locale(t)) {
        let msg = "String should match pattern '^[a-z]{2}-[A-Z]{2}$'";
        let loc = ["body", "preferred_locale"];
        let problem = Invalid::at(&loc, "string_pattern_mismatch", msg, json!(text));
        return Err(ApiError::invalid(&[problem]));
    }
    let id = caller.user().id;
    let changed = services
        .store
        .update_user(id, |user| {
            user.hide_demo = wish.hide_demo.unwrap_or(user.hide_demo);
            if let Some(locale) = &wish.preferred_locale {
                user.locale.clone_from(locale);
            }
        })
        .await?;
    let user = changed.ok_or_else(|| ApiError::new(Code::AuthRequired))?;
    services.credentials.forget_user(id);
    Ok(Json(user.into()))
}
