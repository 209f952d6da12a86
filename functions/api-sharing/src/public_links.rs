//! Public links of a batch: made, listed and revoked by its owner. The address is shown to them
//! as long as it works, so whoever reads these lists can follow the links.

use crate::grantee::RevokedOut;
use auth::secret;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::access::Right;
use domain::link::{PublicLink, Views};
use domain::time::Timestamp;
use runtime::{Services, entropy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid, PathParams, visible};
use wire::Code;

/// A public link.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicLinkOut {
    /// Unguessable part of the address.
    pub slug: String,
    /// The whole address.
    pub url: String,
    /// The batch it shows.
    pub batch_id: String,
    /// When it was made.
    pub created_at: String,
    /// When it ends; null: when somebody revokes it.
    pub expires_at: Option<String>,
    /// Reads through it.
    pub view_count: u64,
    /// Server time of the last.
    pub last_viewed: Option<String>,
}

impl PublicLinkOut {
    fn new(services: &Services, link: PublicLink, views: Views) -> Self {
        Self {
            url: format!("{}/public/{}", services.config.base_url, link.slug),
            slug: link.slug,
            batch_id: link.batch_id,
            created_at: link.created_at.to_text(),
            expires_at: link.expires_at.map(Timestamp::to_text),
            view_count: views.count,
            last_viewed: views.last.map(Timestamp::to_text),
        }
    }
}

/// How long a link works.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicLinkIn {
    /// RFC 3339 instant at which it ends; null or absent: when somebody revokes it.
    #[serde(default)]
    expires_at: Option<String>,
}

impl PublicLinkIn {
    fn ends(&self, now: Timestamp) -> ApiResult<Option<Timestamp>> {
        let Some(text) = self.expires_at.as_deref().filter(|t| !t.trim().is_empty()) else {
            return Ok(None);
        };
        let refused = |msg| {
            let loc = ["body", "expires_at"];
            Invalid::at(&loc, "datetime_parsing", msg, json!(text)).into()
        };
        match Timestamp::parse(text) {
            None => Err(refused("Input should be an RFC 3339 instant")),
            Some(at) if at <= now => Err(refused("Input should lie in the future")),
            Some(at) => Ok(Some(at)),
        }
    }
}

/// Makes a public link: whoever has its address reads the batch, without an account.
#[utoipa::path(post, path = "/api/batches/{batch_id}/public-share", tag = "sharing",
    params(("batch_id" = String, Path)), request_body = PublicLinkIn,
    responses((status = 201, body = PublicLinkOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch"), (status = 422, description = "fields")))]
pub async fn create_link(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<PublicLinkIn>,
) -> ApiResult<(StatusCode, Json<PublicLinkOut>)> {
    let batch = path.text(0);
    let now = services.clock.now();
    let expires_at = wish.ends(now)?;
    visible::with_right(&services, &caller, batch, Right::Own).await?;
    let link = PublicLink {
        slug: secret::encode(entropy::bytes()),
        batch_id: batch.to_owned(),
        created_by: caller.user().id,
        created_at: now,
        expires_at,
    };
    let deed = Deed::new("public_share_create", "batch", batch);
    let row = deed.row(&services, &caller, &client)?;
    services.store.add_link(&link, vec![row]).await?;
    let out = PublicLinkOut::new(&services, link, Views::default());
    Ok((StatusCode::CREATED, Json(out)))
}

/// Lists the public links of a batch, newest first.
#[utoipa::path(get, path = "/api/batches/{batch_id}/public-shares", tag = "sharing",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = Vec<PublicLinkOut>), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch")))]
pub async fn list_links(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<Vec<PublicLinkOut>>> {
    visible::with_right(&services, &caller, path.text(0), Right::Own).await?;
    let links = services.store.links_of_batch(path.text(0)).await?;
    Ok(Json(shown(&services, links)))
}

/// Lists the public links the caller made, newest first.
#[utoipa::path(get, path = "/api/public-shares/mine", tag = "sharing",
    responses((status = 200, body = Vec<PublicLinkOut>)))]
pub async fn my_links(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<PublicLinkOut>>> {
    let links = services.store.links_of_user(caller.user().id).await?;
    Ok(Json(shown(&services, links)))
}

fn shown(services: &Services, links: Vec<(PublicLink, Views)>) -> Vec<PublicLinkOut> {
    let link = |(link, views)| PublicLinkOut::new(services, link, views);
    links.into_iter().map(link).collect()
}

/// Revokes a public link.
#[utoipa::path(delete, path = "/api/batches/{batch_id}/public-share/{slug}", tag = "sharing",
    params(("batch_id" = String, Path), ("slug" = String, Path)),
    responses((status = 200, body = RevokedOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch or link")))]
pub async fn revoke_link(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<RevokedOut>> {
    let batch = path.text(0);
    visible::with_right(&services, &caller, batch, Right::Own).await?;
    let found = services.store.link(path.text(1)).await?;
    let link = found.map(|(link, _)| link);
    let link = link.filter(|link| link.batch_id == batch);
    let link = link.ok_or_else(|| ApiError::new(Code::LinkNotFound))?;
    let deed = Deed::new("public_share_revoke", "batch", batch);
    let row = deed.row(&services, &caller, &client)?;
    services.store.remove_link(&link, vec![row]).await?;
    Ok(Json(RevokedOut::DONE))
}
