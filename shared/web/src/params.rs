//! Query and path parameters, with the contract's validation answers.

use crate::error::{ApiError, ApiResult, Invalid};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde_json::json;
use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::RangeInclusive;

/// Query parameters by name; of a repeated one the last counts.
#[derive(Clone, Debug, Default)]
pub struct Params(HashMap<String, String>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Params {
    /// Reads a query string.
    pub fn parse(query: &str) -> Self {
        Self(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// A text, as sent; `None` when absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A whole number within `range`, or `default` when absent.
    pub fn integer(&self, name: &str, default: i64, range: RangeInclusive<i64>) -> ApiResult<i64> {
        Ok(self.optional_integer(name, range)?.unwrap_or(default))
    }

    /// A whole number within `range`, if present.
    pub fn optional_integer(
        &self,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> ApiResult<Option<i64>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let problem = |rule, msg: String| {
            ApiError::invalid(&[Invalid::at(&["query", name], rule, msg, json!(text))])
        };
        let number: i64 = text
            .trim()
            .parse()
            .map_err(|_| problem("int_parsing", "Input should be a valid integer".to_owned()))?;
        if number < *range.start() {
            let msg = format!("Input should be greater than or equal to {}", range.start());
            return Err(problem("greater_than_equal", msg));
        }
        if number > *range.end() {
            let msg = format!("Input should be less than or equal to {}", range.end());
            return Err(problem("less_than_equal", msg));
        }
        Ok(Some(number))
    }

    /// One of `words`, the first being the default.
    pub fn choice<'a>(&self, name: &str, words: &[&'a str]) -> ApiResult<&'a str> {
        let Some(text) = self.text(name) else {
            return Ok(words[0]);
        };
        words.iter().find(|w| **w == text).copied().ok_or_else(|| {
            let msg = format!("Input should be one of: {}", words.join(", "));
            ApiError::invalid(&[Invalid::at(&["query", name], "enum", msg, json!(text))])
        })
    }

    /// A boolean, `default` when absent.
    pub fn flag(&self, name: &str, default: bool) -> ApiResult<bool> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
            "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
            _ => Err(ApiError::invalid(&[Invalid::at(
                &["query", name],
                "bool_parsing",
                "Input should be a valid boolean",
                json!(text),
            )])),
        }
    }
}

/// Path parameters in order of the route.
pub struct PathParams(Vec<String>);

impl<S: Send + Sync> FromRequestParts<S> for PathParams {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let raw = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::new(wire::Code::NotFound))?;
        Ok(Self(
            raw.iter().map(|(_, value)| value.to_owned()).collect(),
        ))
    }
}

impl PathParams {
    /// Parameter number `i`; empty when the route has fewer.
    pub fn text(&self, i: usize) -> &str {
        self.0.get(i).map_or("", String::as_str)
    }

    /// Parameter number `i` as a positive integer, named `name` in the error.
    pub fn integer(&self, i: usize, name: &str) -> ApiResult<u64> {
        self.text(i).parse().map_err(|_| {
            let msg = "Input should be a valid integer";
            ApiError::invalid(&[Invalid::at(
                &["path", name],
                "int_parsing",
                msg,
                json!(self.text(i)),
            )])
        })
    }
}
