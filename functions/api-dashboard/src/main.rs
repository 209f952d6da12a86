//! Lambda entry of `api-dashboard`.

use runtime::Services;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let services = Services::from_env().await?;
    web::serve(api_dashboard::routes(), services).await
}
