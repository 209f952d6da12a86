//! What a host that was offline for long kept: some hundred jobs, eight at a time.

use crate::Outcome;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Batches, and jobs of each.
const BATCHES: u64 = 4;
const JOBS: u64 = 100;
/// Jobs that train at the same time.
const LANES: u64 = 8;
/// A line of a plain file has about this many bytes.
const LINE_BYTES: u64 = 300;

/// A file of events.
pub struct SpillFile {
    /// Where.
    pub path: PathBuf,
    /// Bytes as uploaded.
    pub size: u64,
    /// Bytes of its lines.
    pub unpacked: u64,
    /// Its events, all different.
    pub events: u64,
    /// Batches in it.
    pub batches: Vec<String>,
    /// Jobs of each batch.
    pub jobs: Vec<String>,
}

/// Where lines go.
enum Sink {
    Plain(BufWriter<File>),
    Packed(zstd::Encoder<'static, BufWriter<File>>),
}

struct Lines {
    sink: Sink,
    written: u64,
    events: u64,
}

impl Lines {
    fn event(&mut self, kind: &str, batch: &str, job: &str, data: &str) -> Outcome<()> {
        let (number, secs) = (self.events, self.events / 40);
        let (hour, minute, second) = (secs / 3600 % 24, secs / 60 % 60, secs % 60);
        let day = 1 + secs / 86_400;
        let job = match job {
            "" => "null".to_owned(),
            job => format!("\"{job}\""),
        };
        let line = format!(
            "{{\"event_id\":\"spill-{number:012}\",\"schema_version\":\"1.1\",\"event_type\":\"{kind}\",\"timestamp\":\"2026-10-{day:02}T{hour:02}:{minute:02}:{second:02}Z\",\"batch_id\":\"{batch}\",\"job_id\":{job},\"source\":{{\"project\":\"spill\",\"host\":\"gpu-0\",\"user\":\"bench\"}},\"data\":{data}}}\n"
        );
        match &mut self.sink {
            Sink::Plain(file) => file.write_all(line.as_bytes())?,
            Sink::Packed(file) => file.write_all(line.as_bytes())?,
        }
        self.written += line.len() as u64;
        self.events += 1;
        Ok(())
    }

    /// One step of a job: mostly an epoch, now and then a line and the gauges of the host.
    fn step(&mut self, batch: &str, job: &str, step: u64) -> Outcome<()> {
        let loss = 1.0 / (step as f64 + 1.0) + 0.000_137 * (step % 97) as f64;
        let epoch = format!(
            "{{\"epoch\":{step},\"train_loss\":{loss:.6},\"val_loss\":{:.6},\"lr\":0.001,\"val_mse\":{:.6}}}",
            loss * 1.1,
            loss * loss
        );
        self.event("job_epoch", batch, job, &epoch)?;
        if step % 4 == 1 {
            let line = format!(
                "{{\"line\":\"epoch {step}: loss {loss:.6}, checkpoint saved\",\"level\":\"info\"}}"
            );
            self.event("log_line", batch, job, &line)?;
        }
        if step % 10 == 2 {
            let gauges = format!(
                "{{\"gpu_util_pct\":{:.1},\"gpu_mem_mb\":12000,\"cpu_util_pct\":41.5,\"ram_mb\":31000}}",
                (step * 37 % 1000) as f64 / 10.0
            );
            self.event("resource_snapshot", batch, job, &gauges)?;
        }
        Ok(())
    }
}

/// Writes a file of about `bytes` bytes of lines into `folder`, never holding more than a line.
pub fn write(folder: &Path, bytes: u64, compressed: bool) -> Outcome<SpillFile> {
    let name = if compressed {
        "spill.zst"
    } else {
        "spill.jsonl"
    };
    let path = folder.join(name);
    let file = BufWriter::new(File::create(&path)?);
    let sink = match compressed {
        true => Sink::Packed(zstd::Encoder::new(file, 3)?),
        false => Sink::Plain(file),
    };
    let (written, events) = (0, 0);
    let mut lines = Lines {
        sink,
        written,
        events,
    };
    let batches: Vec<String> = (0..BATCHES).map(|n| format!("spilled-{n}")).collect();
    let jobs: Vec<String> = (0..JOBS).map(|n| format!("job-{n:03}")).collect();
    // A step writes 1.35 events on average.
    let steps = bytes / LINE_BYTES * 100 / 135 / (BATCHES * JOBS);
    for batch in &batches {
        let data = format!("{{\"n_total_jobs\":{JOBS}}}");
        lines.event("batch_start", batch, "", &data)?;
        for lanes in jobs.chunks(LANES as usize) {
            for job in lanes {
                let data = "{\"model\":\"model-1\",\"dataset\":\"set-1\"}";
                lines.event("job_start", batch, job, data)?;
            }
            for step in 0..steps {
                for job in lanes {
                    lines.step(batch, job, step)?;
                }
            }
            for job in lanes {
                let data =
                    "{\"status\":\"done\",\"elapsed_s\":3600,\"metrics\":{\"MSE\":0.123456}}";
                lines.event("job_done", batch, job, data)?;
            }
            eprint!("\rwritten {:>5} MB", lines.written / 1_000_000);
        }
        lines.event("batch_done", batch, "", "{}")?;
    }
    eprintln!();
    let mut file = match lines.sink {
        Sink::Plain(file) => file,
        Sink::Packed(file) => file.finish()?,
    };
    file.flush()?;
    let size = std::fs::metadata(&path)?.len();
    Ok(SpillFile {
        path,
        size,
        unpacked: lines.written,
        events: lines.events,
        batches,
        jobs,
    })
}
