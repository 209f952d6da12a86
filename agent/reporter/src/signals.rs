//! Threads that take no signals.
//!
//! A signal to a process goes to any thread that does not block it. If it went to ours, the main
//! thread would sleep on: Ctrl-C would have to wait for whatever it waits for.

use std::io;
use std::thread;

/// Starts a thread with all signals blocked.
#[allow(unsafe_code)]
pub fn spawn_deaf(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let builder = thread::Builder::new().name(name.into());
    // SAFETY: both sets live on this stack and are filled before they are read; the calls change
    // the calling thread's mask only, and the second one restores it.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        let masked = libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        let started = builder.spawn(work);
        if masked == 0 {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        }
        started.map(drop)
    }
}
