//! The one error type handlers answer with. Only this file knows how errors look as HTTP.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use store::StoreError;
pub use wire::Invalid;
use wire::{Code, Locale, Reject};

/// Result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// Id of a request, echoed in `x-request-id` and every error body.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// An error answer: public code and parameters, private cause.
#[derive(Clone, Debug)]
pub struct ApiError {
    code: Code,
    params: Vec<String>,
    detail: Option<Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

impl From<Invalid> for ApiError {
    fn from(problem: Invalid) -> Self {
        Self::invalid(&[problem])
    }
}

impl ApiError {
    /// An error with a code.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            params: vec![],
            detail: None,
            headers: vec![],
            cause: None,
        }
    }

    /// An error with a code and what its text mentions.
    pub fn with(code: Code, params: impl IntoIterator<Item = impl ToString>) -> Self {
        let params = params.into_iter().map(|p| p.to_string()).collect();
        Self {
            params,
            ..Self::new(code)
        }
    }

    /// A 422 listing every problem.
    pub fn invalid(problems: &[Invalid]) -> Self {
        let list = problems.iter().map(Invalid::to_json).collect();
        Self {
            detail: Some(Value::Array(list)),
            ..Self::new(Code::Validation)
        }
    }

    /// The refusal of a single event.
    pub fn rejected(reject: Reject) -> Self {
        let list: Vec<Value> = reject.list.iter().map(Invalid::to_json).collect();
        let detail = (!list.is_empty()).then_some(Value::Array(list));
        Self {
            params: reject.params,
            detail,
            ..Self::new(reject.code)
        }
    }

    /// Replaces the text by a structured detail.
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Adds `Retry-After`, whole seconds, at least one.
    pub fn retry_after(mut self, secs: u64) -> Self {
        self.headers
            .push((header::RETRY_AFTER, HeaderValue::from(secs.max(1))));
        self
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The public text in `locale`.
    pub fn text(&self, locale: Locale) -> String {
        self.code.text(locale, &self.params)
    }

    /// The private cause, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body in `locale`.
    pub(crate) fn body(&self, locale: Locale, id: &RequestId) -> Value {
        let detail = self
            .detail
            .clone()
            .unwrap_or_else(|| json!(self.text(locale)));
        json!({"detail": detail, "code": self.code.as_str(), "request_id": id.0})
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Conflict | StoreError::ConditionAt(_) | StoreError::Busy(_) => {
                Code::StorageBusy
            }
            StoreError::Full => Code::StorageFull,
            StoreError::Corrupt(_) | StoreError::Failed(_) => Code::Internal,
        };
        let mut answer = Self::new(code);
        if code.status() == 503 {
            answer = answer.retry_after(1);
        }
        answer.cause = Some(error.to_string());
        answer
    }
}

/// The body is written by the middleware, which knows the language and the request id.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
        let is_unknown = matches!(
            self.code,
            Code::AuthRequired
                | Code::TokenInvalid
                | Code::AgentTokenRequired
                | Code::AgentTokenPrefix
                | Code::AgentTokenUnknown
        );
        if is_unknown {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response.extensions_mut().insert(self);
        response
    }
}
