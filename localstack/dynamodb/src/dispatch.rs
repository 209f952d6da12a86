//! From a wire request (operation name and JSON body) to a call on the database and back.

use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use serde::de::DeserializeOwned;

/// An answer as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON, either the operation's output or an error with its `__type`.
    pub body: Bytes,
}

impl Reply {
    /// A successful answer.
    pub fn ok(json: String) -> Self {
        Self {
            status: 200,
            body: Bytes::from(json),
        }
    }

    /// An error the way DynamoDB words it: `error_type` is the short exception name.
    pub fn error(status: u16, error_type: &str, message: &str) -> Self {
        let json = serde_json::json!({
            "__type": format!("com.amazonaws.dynamodb.v20120810#{error_type}"),
            "message": message,
        });
        Self {
            status,
            body: Bytes::from(json.to_string()),
        }
    }

    /// A failure of the engine itself; SDKs retry it.
    pub fn internal(message: &str) -> Self {
        Self::error(500, "InternalServerError", message)
    }

    /// True for the answer every call gets after a panic inside the database.
    pub fn is_poisoned(&self) -> bool {
        self.status == 500 && self.body.windows(13).any(|w| w == b"Lock poisoned")
    }

    fn from_engine(error: DynoxideError) -> Self {
        if error.status_code() >= 500 {
            tracing::error!(%error, "the embedded DynamoDB engine failed");
        }
        Self {
            status: error.status_code(),
            body: Bytes::from(error.to_json()),
        }
    }
}

/// Where an operation may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Any reader handle can answer it.
    Reader,
    /// Runs on the writer but changes nothing (several statements that must agree).
    Look,
    /// Changes items: durable before it is answered.
    Write,
    /// Changes tables: durable, and the readers forget what they cached.
    Define,
}

/// The place for `operation`; unknown names go to the writer, which refuses them.
pub(crate) fn route(operation: &str) -> Route {
    match operation {
        // DescribeTable counts all rows: half a second on a million, no writer should wait for it.
        "GetItem" | "BatchGetItem" | "Query" | "Scan" | "DescribeTable" => Route::Reader,
        #[cfg(test)]
        "PanicWhileReading" => Route::Reader,
        "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems" => {
            Route::Write
        }
        "CreateTable" | "UpdateTable" | "DeleteTable" | "UpdateTimeToLive" | "TagResource"
        | "UntagResource" => Route::Define,
        _ => Route::Look,
    }
}

/// Runs one operation to its end on this thread.
pub(crate) fn dispatch(db: &Database, operation: &str, body: &[u8]) -> Reply {
    #[cfg(test)]
    assert!(!operation.starts_with("Panic"), "a test asked for it");
    macro_rules! operations {
        ($($name:literal => $method:ident),* $(,)?) => {
            match operation {
                $($name => parse(body).and_then(|request| db.$method(request)).and_then(print),)*
                _ => return unknown(operation),
            }
        };
    }
    let outcome = operations! {
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "CreateTable" => create_table,
        "DeleteItem" => delete_item,
        "DeleteTable" => delete_table,
        "DescribeTable" => describe_table,
        "DescribeTimeToLive" => describe_time_to_live,
        "GetItem" => get_item,
        "ListTables" => list_tables,
        "ListTagsOfResource" => list_tags_of_resource,
        "PutItem" => put_item,
        "Query" => query,
        "Scan" => scan,
        "TagResource" => tag_resource,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "UntagResource" => untag_resource,
        "UpdateItem" => update_item,
        "UpdateTable" => update_table,
        "UpdateTimeToLive" => update_time_to_live,
    };
    match outcome {
        Ok(json) => Reply::ok(json),
        Err(error) => Reply::from_engine(error),
    }
}

fn unknown(operation: &str) -> Reply {
    Reply::error(
        400,
        "UnknownOperationException",
        &format!("the embedded engine has no operation {operation}"),
    )
}

fn print<T: serde::Serialize>(response: T) -> dynoxide::Result<String> {
    serde_json::to_string(&response)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> dynoxide::Result<T> {
    serde_json::from_slice(body).map_err(|error| refusal(&error.to_string()))
}

/// dynoxide marks the class of a refusal raised while a body is read with a prefix of the
/// message; without a mark, a wrong JSON type is a serialization error and the rest validation.
fn refusal(message: &str) -> DynoxideError {
    let plain = message
        .rfind(" at line ")
        .map_or(message, |position| &message[..position]);
    for prefix in ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"] {
        if let Some(rest) = plain.strip_prefix(prefix) {
            return DynoxideError::ValidationException(rest.to_owned());
        }
    }
    for prefix in ["SERIALIZATION_AS_READ:", "SERIALIZATION:"] {
        if let Some(rest) = plain.strip_prefix(prefix) {
            return DynoxideError::SerializationException(rest.to_owned());
        }
    }
    let validation = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "AttributeValue",
    ];
    if validation.iter().any(|text| plain.contains(text)) {
        DynoxideError::ValidationException(plain.to_owned())
    } else {
        DynoxideError::SerializationException(plain.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_refusal_becomes_a_validation_error_without_mark_and_position() {
        let refused = refusal("VALIDATION:Too many items at line 1 column 9");
        assert!(
            matches!(refused, DynoxideError::ValidationException(ref m) if m == "Too many items")
        );
        let refused = refusal("invalid type: string \"x\", expected u32 at line 1 column 9");
        assert!(matches!(refused, DynoxideError::SerializationException(_)));
    }

    #[test]
    fn only_plain_reads_leave_the_writer() {
        assert_eq!(route("Query"), Route::Reader);
        assert_eq!(route("TransactGetItems"), Route::Look);
        assert_eq!(route("DescribeTable"), Route::Reader);
        assert_eq!(route("UpdateTable"), Route::Define);
        assert_eq!(route("Nonsense"), Route::Look);
    }

    #[test]
    fn the_answer_after_a_panic_is_recognised() {
        assert!(Reply::internal("Lock poisoned: another task failed").is_poisoned());
        assert!(!Reply::internal("disk I/O error").is_poisoned());
    }
}
