//! One file per command.

pub(crate) mod approve;
pub(crate) mod doctor;
pub(crate) mod login;
pub(crate) mod logs;
pub(crate) mod revoke;
pub(crate) mod run;
pub(crate) mod show;
