//! Threads that speak with the server, so that the loop never waits for it: one asks for commands,
//! one tells what became of them.

use crate::event::Event;
use crate::mailbox::Post;
use client::{Ack, Client, Exit, Heartbeat};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How to speak with the server right now.
#[derive(Clone, Debug)]
pub struct Session {
    /// The connection, with this agent's token.
    pub client: Client,
    /// Who this is.
    pub agent_id: String,
}

/// The session all threads share; a new login replaces it.
#[derive(Clone, Debug)]
pub struct Line(Arc<RwLock<Session>>);

impl Line {
    /// Starts with a session.
    pub fn new(session: Session) -> Self {
        Self(Arc::new(RwLock::new(session)))
    }

    /// The session right now.
    pub fn now(&self) -> Session {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Replaces it.
    pub fn replace(&self, session: Session) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = session;
    }
}

/// Something to tell the server.
#[derive(Debug)]
pub enum Call {
    /// What became of a command.
    Ack(String, Ack),
    /// How a run ended.
    Exit(String, Exit),
    /// That the host lives.
    Beat(Heartbeat),
}

/// When to ask next, and how long the server may hold the call.
type Ask = (Duration, u64);

/// The way to the threads.
#[derive(Clone, Debug)]
pub struct Courier {
    asks: Sender<Ask>,
    calls: Sender<Call>,
}

impl Courier {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the host has no threads left.
    pub fn start(line: Line, post: Post) -> std::io::Result<Self> {
        let (asks, asked) = channel();
        let (calls, called) = channel();
        let (line_2, post_2) = (line.clone(), post.clone());
        let small = || std::thread::Builder::new().stack_size(256 * 1024);
        small()
            .name("poll".into())
            .spawn(move || poll(&asked, &line, &post))?;
        small()
            .name("tell".into())
            .spawn(move || tell(&called, &line_2, &post_2))?;
        Ok(Self { asks, calls })
    }

    /// Asks for commands after a while; a later word replaces an earlier one.
    pub fn ask(&self, after: Duration, wait_s: u64) {
        let _ = self.asks.send((after, wait_s));
    }

    /// Tells the server something, in order.
    pub fn call(&self, call: Call) {
        let _ = self.calls.send(call);
    }
}

fn poll(asks: &Receiver<Ask>, line: &Line, post: &Post) {
    let Ok(mut ask) = asks.recv() else {
        return;
    };
    loop {
        ask = match asks.recv_timeout(ask.0) {
            Ok(newer) => newer,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let session = line.now();
                let begin = Instant::now();
                let answer = session.client.jobs(&session.agent_id, ask.1);
                let took = begin.elapsed();
                post.send(Event::Polled { answer, took });
                match asks.recv() {
                    Ok(next) => next,
                    Err(_) => return,
                }
            }
        };
    }
}

fn tell(calls: &Receiver<Call>, line: &Line, post: &Post) {
    while let Ok(call) = calls.recv() {
        let Session { client, agent_id } = line.now();
        match call {
            Call::Ack(cmd, ack) => {
                let answer = client.ack(&agent_id, &cmd, &ack);
                post.send(Event::Acked(cmd, answer));
            }
            Call::Exit(cmd, exit) => {
                let answer = client.exit(&agent_id, &cmd, &exit).map(|_| ());
                post.send(Event::Reported(cmd, answer));
            }
            // One lost sign of life is made up for by the next.
            Call::Beat(beat) => drop(client.heartbeat(&agent_id, &beat)),
        }
    }
}
