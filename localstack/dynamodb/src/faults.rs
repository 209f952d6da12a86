//! Scripted failures, for tests of what an application does when AWS misbehaves.
//!
//! The embedded engine never throttles and never conflicts, so these errors are made here, in
//! front of it. Each operation has its own queue; every attempt, a retry of the SDK included,
//! takes one entry, and an empty queue means normal service.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::dispatch::Reply;
use crate::limits::shortened;

/// One scripted failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No failure: lets one call through, to place the next fault behind it.
    Pass,
    /// `ProvisionedThroughputExceededException`; nothing is executed. The SDK retries it.
    Throttle,
    /// Another transaction holds the item: `TransactionCanceledException` whose reason at this
    /// position is `TransactionConflict`, or `TransactionConflictException` for an operation on
    /// a single item. Nothing is executed.
    Conflict {
        /// Position of the conflicting action in a transaction, from 0.
        position: usize,
    },
    /// A batch of which only the first entries are executed; the rest comes back as
    /// `UnprocessedItems` or `UnprocessedKeys`.
    Unprocessed {
        /// Entries that are executed.
        processed: usize,
    },
    /// A Query or Scan page of at most so many items.
    ShortPage(u32),
    /// What the engine answers on a full disk: `InternalServerError`, nothing written.
    DiskFull,
    /// The operation is executed, then the connection breaks before the answer.
    LostReply,
}

/// A cloneable handle on the script of one client.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    queues: Arc<Mutex<HashMap<String, VecDeque<Fault>>>>,
}

impl Faults {
    /// An empty script: normal service.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one fault to the queue of `operation`, for example `"TransactWriteItems"`.
    pub fn push(&self, operation: &str, fault: Fault) {
        self.push_times(operation, fault, 1);
    }

    /// Appends the same fault `times` times. Outlasting the SDK's retries takes 4.
    pub fn push_times(&self, operation: &str, fault: Fault, times: usize) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(operation.to_owned()).or_default();
        queue.extend(std::iter::repeat_n(fault, times));
    }

    /// Faults not yet taken, over all operations: 0 when the script has played out.
    pub fn pending(&self) -> usize {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.values().map(VecDeque::len).sum()
    }

    /// Forgets what is left of the script.
    pub fn clear(&self) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.clear();
    }

    fn take(&self, operation: &str) -> Option<Fault> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.get_mut(operation)?.pop_front()
    }

    /// What to do with this call.
    pub(crate) fn plan(&self, operation: &str, body: Bytes) -> Plan {
        match self.take(operation) {
            None | Some(Fault::Pass) => Plan::Execute(body),
            Some(Fault::Throttle) => Plan::Answer(Reply::error(
                400,
                "ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded.",
            )),
            Some(Fault::Conflict { position }) => Plan::Answer(conflict(&body, position)),
            Some(Fault::Unprocessed { processed }) => partial(operation, body, processed),
            Some(Fault::ShortPage(most)) => Plan::Execute(shortened(&body, most)),
            Some(Fault::DiskFull) => {
                Plan::Answer(Reply::internal("Internal error: database or disk is full"))
            }
            Some(Fault::LostReply) => Plan::ExecuteAndLose(body),
        }
    }
}

/// How the connector carries out one call.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Execute this body and answer.
    Execute(Bytes),
    /// Execute it, then fail as a broken connection does.
    ExecuteAndLose(Bytes),
    /// Execute it and add these entries to the member of the answer.
    ExecutePart {
        body: Bytes,
        member: &'static str,
        left: Map<String, Value>,
    },
    /// Answer without executing.
    Answer(Reply),
}

fn conflict(body: &[u8], position: usize) -> Reply {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(actions) = parsed["TransactItems"].as_array() else {
        let text = "Transaction is ongoing for the item";
        return Reply::error(400, "TransactionConflictException", text);
    };
    let reason = |index| match index == position {
        true => {
            json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"})
        }
        false => json!({"Code": "None"}),
    };
    let reasons: Vec<Value> = (0..actions.len()).map(reason).collect();
    let codes: Vec<&str> = reasons.iter().filter_map(|r| r["Code"].as_str()).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    let json = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": message,
        "CancellationReasons": reasons,
    });
    Reply {
        status: 400,
        body: Bytes::from(json.to_string()),
    }
}

/// Splits a batch; a body that is no batch is executed whole.
fn partial(operation: &str, body: Bytes, processed: usize) -> Plan {
    let member = match operation {
        "BatchWriteItem" => "UnprocessedItems",
        "BatchGetItem" => "UnprocessedKeys",
        _ => return Plan::Execute(body),
    };
    let Ok(mut request) = serde_json::from_slice::<Value>(&body) else {
        return Plan::Execute(body);
    };
    let Some(tables) = request["RequestItems"].as_object_mut() else {
        return Plan::Execute(body);
    };
    let left = split(tables, processed);
    if tables.is_empty() {
        let mut answer = json!({ member: left });
        if member == "UnprocessedKeys" {
            answer["Responses"] = json!({});
        }
        return Plan::Answer(Reply::ok(answer.to_string()));
    }
    Plan::ExecutePart {
        body: Bytes::from(request.to_string()),
        member,
        left,
    }
}

/// Keeps the first `processed` entries in `tables` and returns the others in the same shape.
fn split(tables: &mut Map<String, Value>, processed: usize) -> Map<String, Value> {
    let mut room = processed;
    let mut left = Map::new();
    for (table, request) in tables.iter_mut() {
        let mut rest = request.clone();
        let entries = |value: &mut Value| -> Option<Vec<Value>> {
            let list = match value.is_array() {
                true => value.as_array_mut(),
                false => value.get_mut("Keys").and_then(Value::as_array_mut),
            };
            list.map(std::mem::take)
        };
        let mut kept = entries(request).unwrap_or_default();
        entries(&mut rest);
        let over = kept.split_off(room.min(kept.len()));
        room -= kept.len();
        put_entries(request, kept);
        if !over.is_empty() {
            put_entries(&mut rest, over);
            left.insert(table.clone(), rest);
        }
    }
    tables.retain(|_, request| match request.as_array() {
        Some(writes) => !writes.is_empty(),
        None => request["Keys"].as_array().is_some_and(|k| !k.is_empty()),
    });
    left
}

fn put_entries(request: &mut Value, entries: Vec<Value>) {
    if request.is_array() {
        *request = Value::Array(entries);
    } else {
        request["Keys"] = Value::Array(entries);
    }
}

/// The answer with the entries that were left out added to what the engine left out itself.
pub(crate) fn with_left(reply: Reply, member: &str, left: Map<String, Value>) -> Reply {
    if reply.status != 200 {
        return reply;
    }
    let Ok(mut answer) = serde_json::from_slice::<Value>(&reply.body) else {
        return reply;
    };
    let unprocessed = &mut answer[member];
    if !unprocessed.is_object() {
        *unprocessed = json!({});
    }
    for (table, entries) in left {
        let place = &mut unprocessed[&table];
        match (place.as_array_mut(), entries) {
            (Some(list), Value::Array(more)) => list.extend(more),
            (_, entries) => *place = entries,
        }
    }
    Reply::ok(answer.to_string())
}
