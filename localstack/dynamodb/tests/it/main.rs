//! The embedded DynamoDB through the SDK, as applications use it.

mod child;
mod clients;
mod crash;
mod durability;
mod faults;
mod full_disk;
mod maintenance;
mod open;
mod table;
