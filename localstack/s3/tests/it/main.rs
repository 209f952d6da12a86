//! The embedded S3 through the SDK, as applications use it.

mod crash;
mod durability;
mod files;
mod full_disk;
mod open;
mod place;
