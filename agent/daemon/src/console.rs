//! Sends what runs print to the server while they print it, each run with a token of its own. A
//! line's identity is made of the command and its place in the log, so sending twice shows once.

use crate::courier::{Call, Courier, Line};
use crate::mailbox::Post;
use crate::{clock, logs, snapshot};
use client::{Backoff, Event, Exit, Secret, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Tries to send the rest of a log before its end is told without it.
const PATIENCE: u32 = 8;
/// Between looks at logs that grow.
const LOOK: Duration = Duration::from_secs(1);
/// Read at once from one log, in bytes.
const READ: usize = 192 * 1024;
/// Sent at once, in events.
const EVENTS: usize = 400;
/// Most a log may be ahead of what was sent; what lies further back stays on the host.
const BEHIND: u64 = 1024 * 1024;
/// How long a script may take to say itself what it runs in.
const SNAPSHOT_AFTER: Duration = Duration::from_secs(60);

/// A run whose log is to be sent.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Its batch.
    pub batch_id: String,
    /// Its log.
    pub log: PathBuf,
    /// Most of it to keep, in bytes.
    pub most: u64,
    /// Name of this host.
    pub host: String,
    /// What it runs in; none when it was found again.
    pub surroundings: Option<snapshot::Surroundings>,
    /// Token of its batch; without one nothing is sent.
    pub token: Option<Secret>,
}

enum Word {
    Watch(String, Box<Watch>),
    Finish(String, Box<Exit>),
}

/// The way to the thread that sends.
#[derive(Debug)]
pub struct Console(Sender<Word>);

impl Console {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the host has no threads left.
    pub fn start(line: Line, courier: Courier, post: Post) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let builder = std::thread::Builder::new().stack_size(256 * 1024);
        builder
            .name("console".into())
            .spawn(move || run(&receiver, &line, &courier, &post))?;
        Ok(Self(sender))
    }

    /// Begins to send a run's log, or goes on with a new token.
    pub fn watch(&self, cmd: &str, watch: Watch) {
        let _ = self.0.send(Word::Watch(cmd.to_owned(), Box::new(watch)));
    }

    /// Sends what is left of a run's log and then its end: a line that came after the end would
    /// make the run look alive again.
    pub fn finish(&self, cmd: &str, exit: Exit) {
        let _ = self.0.send(Word::Finish(cmd.to_owned(), Box::new(exit)));
    }
}

struct Tail {
    watch: Watch,
    sent: u64,
    since: Instant,
    waits: Backoff,
    not_before: Instant,
    finishes: u32,
}

fn run(words: &Receiver<Word>, line: &Line, courier: &Courier, post: &Post) {
    let mut tails: BTreeMap<String, Tail> = BTreeMap::new();
    loop {
        let word = match tails.is_empty() {
            true => words.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => words.recv_timeout(LOOK),
        };
        match word {
            Ok(Word::Watch(cmd, watch)) => begin(&mut tails, cmd, *watch),
            Ok(Word::Finish(cmd, mut exit)) => {
                if let Some(mut tail) = tails.remove(&cmd) {
                    tail.finishes += 1;
                    let whole = tail.look(&cmd, line, true);
                    exit.last_lines = logs::tail(&tail.watch.log, 50);
                    if !whole && tail.finishes < PATIENCE {
                        tails.insert(cmd.clone(), tail);
                        let later = client::Error::Offline("its lines come first".to_owned());
                        post.send(crate::event::Event::Reported(cmd, Err(later)));
                        continue;
                    }
                }
                courier.call(Call::Exit(cmd, *exit));
            }
            Err(RecvTimeoutError::Timeout) => {
                for (cmd, tail) in &mut tails {
                    let _whole = tail.look(cmd, line, false);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn begin(tails: &mut BTreeMap<String, Tail>, cmd: String, watch: Watch) {
    if let Some(tail) = tails.get_mut(&cmd) {
        tail.watch.token = watch.token;
        return;
    }
    let sent = std::fs::read_to_string(watch.log.with_extension("sent"));
    let now = Instant::now();
    let tail = Tail {
        watch,
        sent: sent
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0),
        since: now,
        waits: Backoff::new(Duration::from_secs(1), Duration::from_secs(60)),
        not_before: now,
        finishes: 0,
    };
    tails.insert(cmd, tail);
}

impl Tail {
    /// Sends what is new, at the end everything there is. Tells whether nothing is left.
    fn look(&mut self, cmd: &str, line: &Line, ended: bool) -> bool {
        let Ok(file) = logs::open(&self.watch.log) else {
            return true;
        };
        let _ = logs::cap(&file, self.watch.most);
        let Some(token) = self.watch.token.clone() else {
            return true;
        };
        if !ended && Instant::now() < self.not_before {
            return false;
        }
        let Ok(client) = line.now().client.speaking_as(&token) else {
            return true;
        };
        let due = ended || self.since.elapsed() >= SNAPSHOT_AFTER;
        if let Some(around) = self.watch.surroundings.as_ref().filter(|_| due) {
            let data = snapshot::take(around, &self.watch.host);
            let event = self.event(cmd, "env_snapshot", "env", data);
            if !self.send(&client, &[event]) {
                return false;
            }
            self.watch.surroundings = None;
        }
        loop {
            let (events, upto) = self.next(cmd, &file, ended);
            if upto == self.sent {
                return true;
            }
            if !events.is_empty() && !self.send(&client, &events) {
                return false;
            }
            self.sent = upto;
            let _ = std::fs::write(self.watch.log.with_extension("sent"), upto.to_string());
            if !ended {
                return false;
            }
        }
    }

    /// Sends events; what the server refuses for good counts as sent.
    fn send(&mut self, client: &client::Client, events: &[Event]) -> bool {
        let asked = match client.events(events) {
            Ok(_) | Err(client::Error::Refused { .. }) => {
                self.waits.reset();
                return true;
            }
            Err(client::Error::RetryAfter { after, .. }) => after,
            Err(_) => None,
        };
        self.not_before = Instant::now() + self.waits.next(asked);
        false
    }

    /// The next lines, and the place after them.
    fn next(&self, cmd: &str, file: &std::fs::File, ended: bool) -> (Vec<Event>, u64) {
        let len = file.metadata().map_or(0, |m| m.len());
        let mut from = self.sent.max(logs::begin(file).min(len));
        let mut events = Vec::new();
        if len.saturating_sub(from) > BEHIND {
            let next = len - BEHIND / 2;
            let text = format!("… {} bytes are only in the log on the host …", next - from);
            events.push(self.line(cmd, from, &text));
            from = next;
        }
        let bytes = logs::read_at(file, from, READ).unwrap_or_default();
        let at_end = ended && from + bytes.len() as u64 >= len;
        let (lines, mut used) = logs::lines(&bytes, at_end);
        if let Some((cut, _)) = lines.get(EVENTS) {
            used = *cut;
        }
        for (at, text) in lines.into_iter().take(EVENTS) {
            if !text.is_empty() {
                events.push(self.line(cmd, from + at as u64, &text));
            }
        }
        (events, from + used as u64)
    }

    fn line(&self, cmd: &str, place: u64, text: &str) -> Event {
        let data = json!({"line": text, "level": "info", "stream": "console"});
        self.event(cmd, "log_line", &place.to_string(), data)
    }

    fn event(&self, cmd: &str, kind: &'static str, name: &str, data: Value) -> Event {
        Event {
            schema_version: "1.1",
            event_type: kind,
            timestamp: clock::rfc3339_now(),
            batch_id: self.watch.batch_id.clone(),
            event_id: uuid(&format!("{cmd}:{name}")),
            source: Source {
                // Only the start of a batch chooses its project; this one is never shown.
                project: "argus-agent".to_owned(),
                host: self.watch.host.clone(),
            },
            data,
        }
    }
}

/// A UUID of version 5: the same name, the same UUID.
fn uuid(name: &str) -> String {
    const SPACE: [u8; 16] = *b"argus-agent-log\0";
    let mut text = SPACE.to_vec();
    text.extend(name.as_bytes());
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &text);
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn a_place_in_a_log_has_one_identity() {
        let one = uuid("cmd:0");
        assert_eq!(one, uuid("cmd:0"));
        assert_ne!(one, uuid("cmd:1"));
        assert_eq!((one.len(), &one[14..15]), (36, "5"));
    }
}
