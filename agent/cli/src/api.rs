//! Requests to the server, and what its answers mean.

use crate::fault::{Exit, Fault};
use reporter::Settings;
use reporter::http::{Answer, Client, HttpError, Request};
use serde_json::Value;
use std::cell::RefCell;
use std::thread;
use std::time::Duration;

/// Waits between attempts at something the server could not do just now, milliseconds.
const WAITS_MS: [u64; 6] = [200, 500, 1_000, 2_000, 5_000, 10_000];
/// No wait is longer, whatever the server says.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A single request may last this long.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Query parameters.
pub type Query<'a> = [(&'a str, String)];

/// A server, spoken to as somebody.
pub struct Api {
    client: RefCell<Client>,
    url: String,
    has_token: bool,
    patient: bool,
}

impl Api {
    /// Speaks to the server of `settings` with their token.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        let client = Client::new(settings);
        let client = client.map_err(|error| Fault::new(Exit::Usage, error.to_string()))?;
        Ok(Self {
            client: RefCell::new(client),
            url: settings.url.clone().unwrap_or_default(),
            has_token: settings.token.is_some(),
            patient: true,
        })
    }

    /// The same, but a server that is down or busy is reported at once.
    pub fn impatient(mut self) -> Self {
        self.patient = false;
        self
    }

    /// Address without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Reads JSON.
    pub fn get(&self, path: &str, query: &Query) -> Result<Value, Fault> {
        self.page(path, query).map(|(value, _)| value)
    }

    /// Reads JSON and the cursor of the next page, if there is one.
    pub fn page(&self, path: &str, query: &Query) -> Result<(Value, Option<String>), Fault> {
        let answer = self.insist("GET", &with(path, query), None)?;
        let cursor = answer.header("x-next-cursor").map(str::to_owned);
        Ok((json(&answer)?, cursor))
    }

    /// Reads bytes.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, Fault> {
        self.insist("GET", path, None).map(|answer| answer.body)
    }

    /// The server's clock, as its answers are dated.
    pub fn date(&self) -> Result<Option<String>, Fault> {
        let answer = self.insist("GET", "/health", None)?;
        Ok(answer.header("date").map(str::to_owned))
    }

    /// Posts JSON. Only for what may be repeated: it is, when the server was busy.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        json(&self.insist("POST", path, Some(body))?)
    }

    /// Changes something; repeatable as `post` is.
    pub fn patch(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        json(&self.insist("PATCH", path, Some(body))?)
    }

    /// Tries until the server did it, refused it, or time is up.
    fn insist(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Fault> {
        let body = body.map(Value::to_string);
        let waits = if self.patient {
            WAITS_MS.as_slice()
        } else {
            &[]
        };
        let mut waits = waits.iter();
        loop {
            let mut request = match &body {
                Some(body) => Request::json(method, path, body.as_bytes()),
                None => Request::new(method, path),
            };
            request.timeout = TIMEOUT;
            let outcome = self.client.borrow_mut().call(&request);
            let busy = match &outcome {
                Ok(answer) => answer.status == 429 || answer.status >= 500,
                // A wrong address stays wrong.
                Err(error) => !matches!(error, HttpError::Setup(_)),
            };
            match waits.next().filter(|_| busy) {
                Some(ms) => {
                    let asked = outcome.ok().and_then(|answer| answer.retry_after());
                    let wait = asked.unwrap_or(Duration::from_millis(*ms));
                    thread::sleep(wait.min(LONGEST_WAIT));
                }
                None => return self.judged(outcome),
            }
        }
    }

    fn judged(&self, outcome: Result<Answer, HttpError>) -> Result<Answer, Fault> {
        let answer = outcome.map_err(|error| {
            let text = format!("{} cannot be reached: {error}", self.url);
            Fault::new(Exit::Unreachable, text).hint("argus doctor says more; is ARGUS_URL right?")
        })?;
        if answer.is_success() {
            return Ok(answer);
        }
        let status = answer.status;
        let text = match words(&answer.json()["detail"]) {
            detail if detail.is_empty() => format!("the server answered {status}"),
            detail => format!("{detail} ({status})"),
        };
        Err(match status {
            401 if !self.has_token => Fault::new(Exit::Auth, "not logged in").hint(format!(
                "argus login --url {}, or set ARGUS_TOKEN",
                self.url
            )),
            401 => Fault::new(Exit::Auth, text)
                .hint("the token is unknown here or expired; argus login makes a new one"),
            403 => Fault::new(Exit::Auth, text).hint("argus whoami says whose token this is"),
            404 => Fault::new(Exit::NotFound, text),
            429 | 500.. => Fault::new(Exit::Unreachable, text),
            _ => Fault::failed(text),
        })
    }
}

/// Percent-encodes a path segment or a query value.
pub fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let escape = |b: u8| match plain(b) {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn with(path: &str, query: &Query) -> String {
    let pairs = query
        .iter()
        .map(|(key, value)| format!("{key}={}", escaped(value)));
    let pairs: Vec<String> = pairs.collect();
    match pairs.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", pairs.join("&")),
    }
}

fn json(answer: &Answer) -> Result<Value, Fault> {
    if answer.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&answer.body).map_err(|_| {
        Fault::new(
            Exit::Unreachable,
            "the answer is no JSON: this is no Argus server",
        )
        .hint("ARGUS_URL is the address of the server itself, without /api")
    })
}

/// The words of a refusal: `detail` is a text, or a list of what is wrong where.
fn words(detail: &Value) -> String {
    match detail {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let problem = |item: &Value| {
                let place = item["loc"].as_array().into_iter().flatten();
                let place: Vec<String> = place.map(|p| p.to_string().replace('"', "")).collect();
                format!(
                    "{}: {}",
                    place.join("."),
                    item["msg"].as_str().unwrap_or("invalid")
                )
            };
            list.iter().map(problem).collect::<Vec<_>>().join("; ")
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refusals_are_put_into_words() {
        assert_eq!(words(&json!("Not Found")), "Not Found");
        let list = json!([{"loc": ["body", "name"], "msg": "Field required"}]);
        assert_eq!(words(&list), "body.name: Field required");
        assert_eq!(words(&Value::Null), "");
    }

    #[test]
    fn any_id_fits_into_a_path() {
        assert_eq!(escaped("a/b c?ü"), "a%2Fb%20c%3F%C3%BC");
        assert_eq!(with("/x", &[("q", "a&b".to_owned())]), "/x?q=a%26b");
    }
}
