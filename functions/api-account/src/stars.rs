//! `/api/stars`: favourite projects and batches.

use crate::length;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::limits::STAR_TARGET_CHARS;
use domain::mark::{Star, StarTarget};
use runtime::Services;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, PathParams};
use wire::Code;

/// Wish for a star. Whether its target exists is not looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StarIn {
    /// `project` or `batch`.
    #[schema(value_type = String)]
    target_type: StarTarget,
    /// Project name or batch id, 1 to 256 characters.
    target_id: String,
}

/// A star.
#[derive(Debug, Serialize, ToSchema)]
pub struct StarOut {
    /// `project` or `batch`.
    pub target_type: &'static str,
    /// Project name or batch id.
    pub target_id: String,
    /// Since when.
    pub starred_at: String,
}

impl From<Star> for StarOut {
    fn from(star: Star) -> Self {
        Self {
            target_type: star.target_type.as_str(),
            target_id: star.target_id,
            starred_at: star.starred_at.to_text(),
        }
    }
}

/// Lists the caller's stars, newest first.
#[utoipa::path(get, path = "/api/stars", tag = "marks", responses((status = 200, body = Vec<StarOut>)))]
pub async fn list_stars(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<StarOut>>> {
    let mut stars = services.store.stars(caller.user().id).await?;
    stars.sort_by(|a, b| {
        (Reverse(a.starred_at), &a.target_id).cmp(&(Reverse(b.starred_at), &b.target_id))
    });
    Ok(Json(stars.into_iter().map(StarOut::from).collect()))
}

/// Adds a star; repeating it answers with the star that is there.
#[utoipa::path(post, path = "/api/stars", tag = "marks", request_body = StarIn,
    responses((status = 200, body = StarOut), (status = 422, description = "invalid input")))]
pub async fn create_star(
    State(services): State<Services>,
    caller: Caller,
    Body(wish): Body<StarIn>,
) -> ApiResult<Json<StarOut>> {
    length::check("target_id", &wish.target_id, 1..=STAR_TARGET_CHARS)?;
    let star = Star {
        target_type: wish.target_type,
        target_id: wish.target_id,
        starred_at: services.clock.now(),
    };
    let kept = services.store.add_star(caller.user().id, star).await?;
    Ok(Json(kept.into()))
}

/// Takes a star away; fine when there is none.
#[utoipa::path(delete, path = "/api/stars/{target_type}/{target_id}", tag = "marks",
    params(("target_type" = String, Path, description = "project or batch"), ("target_id" = String, Path)),
    responses((status = 204, description = "it is gone"), (status = 400, description = "no such kind of target")))]
pub async fn delete_star(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let target = StarTarget::parse(path.text(0));
    let target = target.ok_or_else(|| ApiError::new(Code::StarTargetInvalid))?;
    let user = caller.user().id;
    services
        .store
        .remove_star(user, target, path.text(1))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
