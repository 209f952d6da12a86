//! Lambda entry of `sse-events`: answers are streamed.

use runtime::Services;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let services = Services::from_env().await?;
    web::serve_streaming(sse_events::routes(), services).await
}
