//! Answers.

use std::io::{self, Read};
use std::time::Duration;

/// Longest head.
const HEAD_BYTES: usize = 64 * 1024;
/// Longest body.
const BODY_BYTES: usize = 64 * 1024 * 1024;

/// What a server answered.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the request succeeded.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The `detail` of an error answer, else the beginning of the body.
    pub fn detail(&self) -> String {
        match self.json().get("detail") {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string().chars().take(300).collect(),
            None => String::from_utf8_lossy(&self.body)
                .chars()
                .take(300)
                .collect(),
        }
    }

    /// How long `Retry-After` says to wait; only whole seconds are understood.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds: f64 = self.header("retry-after")?.trim().parse().ok()?;
        (0.0..=86_400.0)
            .contains(&seconds)
            .then(|| Duration::from_secs_f64(seconds))
    }
}

/// Reads one answer; whether the connection can be used again.
pub fn read(from: &mut impl Read, method: &str) -> io::Result<(Answer, bool)> {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let (mut answer, used, http11) = read_head(from, &mut buffer)?;
        buffer.drain(..used);
        if (100..200).contains(&answer.status) {
            continue;
        }
        let says = |name: &str, word: &str| {
            answer
                .header(name)
                .is_some_and(|v| v.to_ascii_lowercase().contains(word))
        };
        let mut keep = match http11 {
            true => !says("connection", "close"),
            false => says("connection", "keep-alive"),
        };
        let bodyless = method == "HEAD"
            || (method == "CONNECT" && answer.is_success())
            || matches!(answer.status, 204 | 304);
        let mut body = Body {
            from,
            buffer: &mut buffer,
        };
        if bodyless {
            // Nothing follows.
        } else if says("transfer-encoding", "chunked") {
            answer.body = body.chunks()?;
        } else if let Some(length) = answer.header("content-length") {
            let length = length
                .trim()
                .parse()
                .map_err(|_| malformed("content-length"))?;
            answer.body = body.exactly(length)?;
        } else {
            keep = false;
            body.from.take(BODY_BYTES as u64).read_to_end(body.buffer)?;
            answer.body = std::mem::take(body.buffer);
        }
        return Ok((answer, keep && buffer.is_empty()));
    }
}

fn read_head(from: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<(Answer, usize, bool)> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut parsed = httparse::Response::new(&mut headers);
        match parsed.parse(buffer) {
            Ok(httparse::Status::Complete(used)) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
                let headers = parsed.headers.iter();
                let answer = Answer {
                    status: parsed.code.unwrap_or(0),
                    headers: headers
                        .map(|h| (h.name.to_ascii_lowercase(), text(h.value)))
                        .collect(),
                    body: vec![],
                };
                return Ok((answer, used, parsed.version == Some(1)));
            }
            Ok(httparse::Status::Partial) if buffer.len() < HEAD_BYTES => fill(from, buffer)?,
            Ok(httparse::Status::Partial) => return Err(malformed("head too long")),
            Err(error) => return Err(malformed(&error.to_string())),
        }
    }
}

struct Body<'a, R> {
    from: &'a mut R,
    buffer: &'a mut Vec<u8>,
}

impl<R: Read> Body<'_, R> {
    fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > BODY_BYTES {
            return Err(malformed("body too long"));
        }
        while self.buffer.len() < length {
            fill(self.from, self.buffer)?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', self.buffer) {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(line.trim_ascii().to_owned());
            }
            if self.buffer.len() > HEAD_BYTES {
                return Err(malformed("chunk size"));
            }
            fill(self.from, self.buffer)?;
        }
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let size = line
                .split(|b| *b == b';')
                .next()
                .unwrap_or_default()
                .trim_ascii();
            let size = std::str::from_utf8(size).ok();
            let size = size.and_then(|text| usize::from_str_radix(text, 16).ok());
            let size = size.ok_or_else(|| malformed("chunk size"))?;
            if size == 0 {
                while !self.line()?.is_empty() {}
                return Ok(body);
            }
            if body.len() + size > BODY_BYTES {
                return Err(malformed("body too long"));
            }
            body.extend(self.exactly(size)?);
            self.line()?;
        }
    }
}

fn fill(from: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<()> {
    let mut piece = [0; 16 * 1024];
    match from.read(&mut piece)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        read => {
            buffer.extend_from_slice(&piece[..read]);
            Ok(())
        }
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("malformed answer: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> io::Result<(u16, String, bool)> {
        let (answer, keep) = read(&mut text.as_bytes(), "GET")?;
        Ok((
            answer.status,
            String::from_utf8_lossy(&answer.body).into_owned(),
            keep,
        ))
    }

    #[test]
    fn bodies_end_where_they_say() {
        let cases = [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                (200, "ok", true),
            ),
            (
                "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 204 N\r\n\r\n",
                (204, "", true),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n",
                (200, "abcd", true),
            ),
            ("HTTP/1.1 500 E\r\n\r\nall of it", (500, "all of it", false)),
            (
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                (200, "", false),
            ),
        ];
        for (text, (status, body, keep)) in cases {
            assert_eq!(
                parsed(text).expect("an answer"),
                (status, body.to_owned(), keep)
            );
        }
        for text in [
            "",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
            "SSH-2.0\r\n\r\n",
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}
