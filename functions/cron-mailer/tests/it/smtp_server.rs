//! A mail server that accepts nothing out of order.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What a server saw.
#[derive(Default)]
struct Seen {
    mails: Vec<(String, String)>,
    violations: Vec<String>,
    temporary: usize,
    permanent: bool,
}

/// A mail server on the loopback.
#[derive(Clone)]
pub struct SmtpServer {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl SmtpServer {
    /// Listens.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let server = Self { address, seen };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = accepting.clone();
                tokio::spawn(async move {
                    if let Err(violation) = server.serve(stream).await {
                        server.with(|seen| seen.violations.push(violation));
                    }
                });
            }
        });
        server
    }

    /// Refuses the next `count` recipients with 451.
    pub fn refuse_next(&self, count: usize) {
        self.with(|seen| seen.temporary = count);
    }

    /// Refuses all recipients with 550, or takes them again.
    pub fn refuse_all(&self, refuse: bool) {
        self.with(|seen| seen.permanent = refuse);
    }

    /// Accepted mails, recipient and message, after checking that every client behaved.
    pub fn mails(&self) -> Vec<(String, String)> {
        self.with(|seen| {
            assert!(seen.violations.is_empty(), "{:?}", seen.violations);
            seen.mails.clone()
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut Seen) -> T) -> T {
        f(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn serve(&self, stream: TcpStream) -> Result<(), String> {
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        say(&mut writer, "220 strict.example ESMTP").await?;
        let mut expected = vec!["EHLO"];
        let mut recipient = String::new();
        while let Some(line) = line(&mut reader).await? {
            let verb = line.split([' ', ':']).next().unwrap_or_default();
            let verb = verb.to_ascii_uppercase();
            if verb == "QUIT" {
                return say(&mut writer, "221 bye").await;
            }
            if verb == "RSET" {
                expected = vec!["MAIL"];
                say(&mut writer, "250 ok").await?;
                continue;
            }
            if !expected.contains(&verb.as_str()) {
                return Err(format!("{verb} instead of {expected:?}"));
            }
            match verb.as_str() {
                "EHLO" => {
                    say(&mut writer, "250-strict.example\r\n250 8BITMIME").await?;
                    expected = vec!["MAIL"];
                }
                "MAIL" => {
                    if !line.starts_with("MAIL FROM:<noreply@argus.example>") {
                        return Err(line);
                    }
                    say(&mut writer, "250 ok").await?;
                    expected = vec!["RCPT"];
                }
                "RCPT" => {
                    recipient = address(&line)?;
                    let answer = self.with(Seen::judge);
                    say(&mut writer, answer).await?;
                    let refused = !answer.starts_with("250");
                    expected = if refused { vec![] } else { vec!["DATA"] };
                }
                _ => {
                    say(&mut writer, "354 go on").await?;
                    let data = data(&mut reader).await?;
                    self.with(|seen| seen.mails.push((recipient.clone(), data)));
                    say(&mut writer, "250 queued").await?;
                    expected = vec!["MAIL"];
                }
            }
        }
        Ok(())
    }
}

impl Seen {
    fn judge(&mut self) -> &'static str {
        if self.permanent {
            return "550 no such person";
        }
        if self.temporary > 0 {
            self.temporary -= 1;
            return "451 try later";
        }
        "250 ok"
    }
}

fn address(line: &str) -> Result<String, String> {
    let inner = line.strip_prefix("RCPT TO:<");
    let inner = inner.and_then(|rest| rest.strip_suffix('>'));
    inner.map(str::to_owned).ok_or_else(|| line.to_owned())
}

async fn line(reader: &mut BufReader<OwnedReadHalf>) -> Result<Option<String>, String> {
    let mut text = String::new();
    let read = reader.read_line(&mut text).await;
    if read.map_err(|e| e.to_string())? == 0 {
        return Ok(None);
    }
    let line = text.strip_suffix("\r\n");
    let line = line.ok_or_else(|| format!("bare line feed: {text:?}"))?;
    Ok(Some(line.to_owned()))
}

/// The message with its dots unstuffed.
async fn data(reader: &mut BufReader<OwnedReadHalf>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(line) = line(reader).await? {
        if line == "." {
            return Ok(text);
        }
        let line = match line.strip_prefix('.') {
            Some(rest) if rest.starts_with('.') => rest,
            Some(_) => return Err(format!("a dot that is not stuffed: {line:?}")),
            None => &line,
        };
        if line.len() > 998 || !line.is_ascii() {
            return Err(format!("a line no server must take: {line:?}"));
        }
        text.push_str(line);
        text.push_str("\r\n");
    }
    Err("the message has no end".into())
}

async fn say(writer: &mut OwnedWriteHalf, text: &str) -> Result<(), String> {
    let line = format!("{text}\r\n");
    let written = writer.write_all(line.as_bytes()).await;
    written.map_err(|e| e.to_string())
}
