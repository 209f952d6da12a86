//! Agreements between folders: routes and document, routes and who may call them, code and
//! template, what reporters send and what is taken.

#[cfg(test)]
mod access;
#[cfg(test)]
mod access_account;
#[cfg(test)]
mod access_admin;
#[cfg(test)]
mod access_hosts;
#[cfg(test)]
mod access_projects;
#[cfg(test)]
mod access_sharing;
#[cfg(test)]
mod deeds;
#[cfg(test)]
mod deeds_stage;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod reporter;
#[cfg(test)]
mod row;
#[cfg(test)]
mod template;

/// Root of the workspace, seen from where cargo runs tests. Not a path known when compiling: two
/// checkouts may share a target folder.
#[cfg(test)]
fn root() -> std::path::PathBuf {
    "../..".into()
}
