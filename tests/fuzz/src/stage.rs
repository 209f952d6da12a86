//! One server for all inputs of a process.

use argus_local::mount;
use axum::body::Body;
use domain::account::TokenScope;
use futures::StreamExt;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use std::sync::OnceLock;
use std::time::Duration;
use test_kit::TestApp;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// Time for the first frame of a stream.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server with somebody who may report and somebody's session.
pub struct Stage {
    runtime: Runtime,
    app: TestApp,
    /// Bearer text of a reporter token.
    pub token: String,
}

/// The stage of this process.
pub fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let runtime = Runtime::new().expect("a runtime");
        let (app, token) = runtime.block_on(async {
            let app = TestApp::new(mount::routes()).await;
            let user = app.user("ada", false).await;
            let actor = app.token(&user, TokenScope::Reporter).await;
            let token = actor.secret().to_owned();
            let start = [
                test_kit::build::batch_start("b"),
                test_kit::build::epoch("b", "j", 0, 0.5),
            ];
            for event in start {
                actor.post("/api/events", &event).await.ok(200);
            }
            (app, token)
        });
        Stage {
            runtime,
            app,
            token,
        }
    })
}

/// A request whose parts are bytes; `None` when no client could send it.
pub fn request(
    method: Method,
    path: &str,
    headers: &[(&'static str, &[u8])],
    body: &[u8],
) -> Option<Request<Body>> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value).ok()?);
    }
    request.body(Body::from(body.to_vec())).ok()
}

impl Stage {
    /// Sends a request as the reporter; the status and the body.
    pub fn ask(&self, mut request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let bearer = format!("Bearer {}", self.token);
        let bearer = HeaderValue::from_str(&bearer).expect("ASCII");
        let headers = request.headers_mut();
        headers.entry(header::AUTHORIZATION).or_insert(bearer);
        self.runtime.block_on(async {
            let response = self.answer(request).await;
            let status = response.status();
            let body = response.into_body().collect().await.expect("a whole body");
            (status, body.to_bytes().to_vec())
        })
    }

    /// Opens a stream as the reporter; the status and the first thing it says.
    pub fn open(&self, mut request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let bearer = format!("Bearer {}", self.token);
        let bearer = HeaderValue::from_str(&bearer).expect("ASCII");
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        self.runtime.block_on(async {
            let response = self.answer(request).await;
            let status = response.status();
            let mut frames = response.into_body().into_data_stream();
            let first = tokio::time::timeout(PATIENCE, frames.next()).await;
            let first = first.expect("a stream says something at once");
            let first = first.map(|frame| frame.expect("a whole frame").to_vec());
            (status, first.unwrap_or_default())
        })
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let answer = self.app.router.clone().oneshot(request).await;
        answer.expect("the router answers")
    }
}
