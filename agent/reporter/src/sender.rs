//! When to send what, and what to do with the answers.

use crate::backlog::Backlog;
use crate::complaint;
use crate::http::Client;
use crate::notice::Weight;
use crate::send::{
    BATCH_AGE, BATCH_BYTES, BATCH_EVENTS, Courier, Progress, Report, UPLOAD_BYTES, Upload, Wait,
    keep_aside,
};
use crate::settings::Mode;
use crate::shared::Shared;
use crate::spool::Spool;
use crate::worker::Writer;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Attempts at the end of a run with a server that answered before.
const CHANCES: u32 = 5;

/// An upload under way, and whose events it holds: a place in the backlog, or this process's own.
#[derive(Debug)]
struct Running {
    upload: Upload,
    from: Option<usize>,
    next_look: Instant,
}

/// Sends events from the spools.
#[derive(Debug)]
pub(crate) struct Sender {
    shared: Arc<Shared>,
    courier: Option<Courier>,
    blocked: Instant,
    failing: bool,
    heard: Option<Instant>,
    stored: Option<Instant>,
    running: Option<Running>,
    uploads: bool,
}

impl Sender {
    /// Ready to send, where there is somebody to send to.
    pub fn new(shared: Arc<Shared>) -> Self {
        let online = shared.settings.mode == Mode::Online;
        let courier = online.then(|| Courier::new(&shared.settings));
        let courier = courier.and_then(|made| {
            let report = |error: crate::http::HttpError| {
                shared
                    .notices
                    .once("setup", Weight::Error, error.to_string());
            };
            made.map_err(report).ok()
        });
        Self {
            shared,
            courier,
            blocked: Instant::now(),
            failing: false,
            heard: None,
            stored: None,
            running: None,
            uploads: true,
        }
    }

    /// The client, while the server can be reached.
    pub fn client(&mut self) -> Option<&mut Client> {
        let usable = self.courier.as_mut().filter(|_| !self.failing);
        usable.map(Courier::client)
    }

    /// When an answer last said whether to stop.
    pub fn heard(&self) -> Option<Instant> {
        self.heard
    }

    /// When the server last took an event.
    pub fn stored(&self) -> Option<Instant> {
        self.stored
    }

    /// Whether an attempt makes sense now.
    pub fn may(&self, now: Instant) -> bool {
        self.courier.is_some() && self.blocked <= now
    }

    /// When to send next; `None` when there is nothing to send, or nobody to send it to.
    pub fn due(&self, writer: &Writer, backlog: &Backlog, now: Instant) -> Option<Instant> {
        self.courier.as_ref()?;
        if let Some(running) = self.running.as_ref().filter(|r| r.from.is_none()) {
            return Some(running.next_look.max(self.blocked));
        }
        let full = writer.waiting >= BATCH_EVENTS || writer.spool.bytes() >= BATCH_BYTES as u64;
        let own = match writer.since {
            _ if writer.spool.is_empty() => None,
            Some(since) if !writer.urgent && !full => Some(since + BATCH_AGE),
            _ => Some(now),
        };
        let others = match &self.running {
            Some(running) => Some(running.next_look),
            None => (!backlog.is_empty()).then_some(now),
        };
        let first = [own, others].into_iter().flatten().min()?;
        Some(first.max(self.blocked))
    }

    /// How many failed attempts the end of a run is worth.
    pub fn chances(&self) -> u32 {
        match (&self.courier, self.failing) {
            (None, _) => 0,
            (_, true) => 1,
            (_, false) => CHANCES,
        }
    }

    /// How long to wait for the next attempt.
    pub fn pause(&self) -> Duration {
        self.blocked.saturating_duration_since(Instant::now())
    }

    /// Sends one request's worth; whether anything got through.
    pub fn turn(&mut self, writer: &mut Writer, backlog: &mut Backlog) -> bool {
        let now = Instant::now();
        if let Some(running) = &self.running
            && (running.from.is_none() || running.next_look <= now)
        {
            return self.look(writer, backlog);
        }
        let from = match self.running {
            // Other batches' uploads are replayed while this one's events go out.
            Some(_) => None,
            None => backlog
                .next(writer.urgent || writer.since.is_some_and(|s| s.elapsed() >= BATCH_AGE)),
        };
        let may_upload = self.running.is_none() && self.uploads;
        if may_upload
            && self.shared.inbox.closing().is_none()
            && let Some(done) = self.try_upload(from, writer, backlog)
        {
            return done;
        }
        let done = self.post(from, writer, backlog);
        if let Some(at) = from {
            backlog.drop_empty(at);
        }
        done
    }

    fn post(&mut self, from: Option<usize>, writer: &mut Writer, backlog: &mut Backlog) -> bool {
        let Some(courier) = &mut self.courier else {
            return false;
        };
        let Some(batch) =
            spool(from, writer, backlog).and_then(|s| s.peek(BATCH_EVENTS, BATCH_BYTES))
        else {
            settle(writer);
            return true;
        };
        if from.is_none() {
            // What comes meanwhile says for itself whether it is urgent.
            writer.urgent = false;
        }
        let sent = courier.send(&batch.lines, &mut || writer.pulse());
        match sent {
            Ok(report) => {
                if let Some(spool) = spool(from, writer, backlog) {
                    spool.done(&batch);
                }
                let lines = batch.lines;
                let refused = report.refused.iter();
                let refused = refused.map(|(at, why)| (lines[*at].as_slice(), why.as_str()));
                self.keep_aside(refused.collect());
                self.arrived(&report, writer);
                true
            }
            Err(wait) => {
                if let Some(spool) = spool(from, writer, backlog) {
                    spool.put_back();
                }
                self.hold(wait);
                false
            }
        }
    }

    fn arrived(&mut self, report: &Report, writer: &mut Writer) {
        self.shared
            .count(report.stored, report.refused.len() as u64, 0);
        let now = Instant::now();
        self.stored = Some(now);
        if let Some(stop) = report.stop.get(&self.shared.batch_id) {
            self.heard = Some(now);
            if *stop {
                self.shared.stopped.store(true, Ordering::Release);
            }
        }
        self.recovered(writer);
        settle(writer);
        self.shared.set_unsent(writer.spool.bytes());
    }

    fn recovered(&mut self, writer: &mut Writer) {
        if std::mem::take(&mut self.failing) {
            for topic in complaint::PASSING {
                self.shared.notices.over(topic);
            }
            writer.report_losses();
        }
    }

    fn hold(&mut self, wait: Wait) {
        self.blocked = Instant::now() + wait.after;
        if let Some((topic, weight, text)) = complaint::about(&wait.cause, &self.shared.settings) {
            self.failing = true;
            self.shared.notices.once(topic, weight, text);
        }
    }

    fn keep_aside(&self, refused: Vec<(&[u8], &str)>) {
        let Some((_, why)) = refused.first() else {
            return;
        };
        let count = refused.len();
        let why = (*why).to_owned();
        let kept = keep_aside(&self.shared.settings.dir, refused.into_iter());
        let kept = match kept {
            Ok(path) => format!("kept in {}", path.display()),
            Err(error) => format!("lost, {error}"),
        };
        let text = format!("the server refuses {count} events ({why}); {kept}");
        self.shared.notices.once("refused", Weight::Error, text);
    }

    /// Uploads a large backlog as one file. `None` when events are to be posted.
    fn try_upload(
        &mut self,
        from: Option<usize>,
        writer: &mut Writer,
        backlog: &mut Backlog,
    ) -> Option<bool> {
        let source = spool(from, writer, backlog)?;
        let mut total = 0;
        let mut segments = Vec::new();
        for (id, bytes) in source.full_segments() {
            segments.push(id);
            total += bytes;
            if total >= UPLOAD_BYTES {
                break;
            }
        }
        if total < UPLOAD_BYTES {
            return None;
        }
        let mut lines = Vec::new();
        for id in &segments {
            match source.read_segment(*id) {
                Ok(read) => lines.extend(read),
                Err(_) => {
                    source.put_back();
                    return None;
                }
            }
        }
        let client = self.courier.as_mut()?.client();
        let settings = &self.shared.settings;
        match Upload::begin(client, settings, segments, &lines, &mut || writer.pulse()) {
            Ok(Some(upload)) => {
                self.running = Some(Running {
                    upload,
                    from,
                    next_look: Instant::now(),
                });
                Some(true)
            }
            Ok(None) => {
                self.uploads = false;
                spool(from, writer, backlog)?.put_back();
                None
            }
            Err(wait) => {
                spool(from, writer, backlog)?.put_back();
                self.hold(wait);
                Some(false)
            }
        }
    }

    fn look(&mut self, writer: &mut Writer, backlog: &mut Backlog) -> bool {
        let (Some(running), Some(courier)) = (&mut self.running, &mut self.courier) else {
            return false;
        };
        let from = running.from;
        match running
            .upload
            .look(courier.client(), &mut || writer.pulse())
        {
            Ok(Progress::Going(after)) => {
                running.next_look = Instant::now() + after;
                self.blocked = self.blocked.max(match from {
                    None => running.next_look,
                    Some(_) => self.blocked,
                });
                false
            }
            Ok(Progress::Done(stored, refused, rows)) => {
                let segments = std::mem::take(&mut running.upload.segments);
                self.running = None;
                if let Some(source) = spool(from, writer, backlog) {
                    self.keep_listed(source, &segments, &rows);
                    for id in segments {
                        source.segment_done(id);
                    }
                }
                self.shared.count(stored, refused, 0);
                self.stored = Some(Instant::now());
                self.recovered(writer);
                true
            }
            Ok(Progress::Impossible(_)) => {
                self.running = None;
                self.uploads = false;
                if let Some(source) = spool(from, writer, backlog) {
                    source.put_back();
                }
                true
            }
            Err(wait) => {
                running.next_look = Instant::now() + wait.after;
                self.hold(wait);
                false
            }
        }
    }

    /// The answer names refused events by id only; their text is still on disk.
    fn keep_listed(&self, source: &mut Spool, segments: &[u64], rows: &[(Option<String>, String)]) {
        if rows.is_empty() {
            return;
        }
        for id in segments {
            let lines = source.read_segment(*id).unwrap_or_default();
            let events = lines.split(|byte| *byte == b'\n');
            let refused = events.filter_map(|event| {
                let named = |(id, _): &&(Option<String>, String)| {
                    let id = id.as_deref().unwrap_or_default();
                    !id.is_empty() && memchr::memmem::find(event, id.as_bytes()).is_some()
                };
                let (_, why) = rows.iter().find(named)?;
                Some((event, why.as_str()))
            });
            self.keep_aside(refused.collect());
        }
    }
}

fn spool<'a>(
    from: Option<usize>,
    writer: &'a mut Writer,
    backlog: &'a mut Backlog,
) -> Option<&'a mut Spool> {
    match from {
        Some(at) => backlog.spool(at),
        None => Some(&mut writer.spool),
    }
}

/// What came while a request was on its way waits from now on.
fn settle(writer: &mut Writer) {
    if writer.spool.is_empty() {
        (writer.urgent, writer.since, writer.waiting) = (false, None, 0);
    } else {
        writer.since = Some(Instant::now());
        writer.waiting = writer.waiting.saturating_sub(BATCH_EVENTS);
    }
}
