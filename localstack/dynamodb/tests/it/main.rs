//! The embedded DynamoDB through the SDK, as applications use it.

mod clients;
mod table;
