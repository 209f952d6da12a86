//! Places where tests end the daemon as a crash would. In shipped builds there are none.

/// Ends the process at once if the test named this place.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    if std::env::var_os("ARGUS_AGENT_FAULT").is_some_and(|wanted| wanted == name) {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::thread::park();
    }
}

/// Does nothing.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}
