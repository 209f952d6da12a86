//! Lambda entry of `api-admin`.

use runtime::Services;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let services = Services::from_env().await?;
    web::serve(api_admin::routes(), services).await
}
