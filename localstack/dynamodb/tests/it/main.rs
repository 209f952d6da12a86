//! The embedded DynamoDB through the SDK, as applications use it.

mod clients;
mod crash;
mod durability;
mod faults;
mod full_disk;
mod maintenance;
mod open;
mod table;
