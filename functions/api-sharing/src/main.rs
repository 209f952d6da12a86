//! Lambda entry of `api-sharing`.

use runtime::Services;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let services = Services::from_env().await?;
    web::serve(api_sharing::routes(), services).await
}
