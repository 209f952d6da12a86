//! Bytes of D-Bus messages: the few types systemd's manager speaks in.

use super::BusError;

/// Longest message that is read, in bytes.
pub(super) const LONGEST: usize = 1024 * 1024;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A question.
    Call,
    /// Its answer.
    Return,
    /// Its refusal.
    Error,
    /// News.
    Signal,
}

/// A message, in either direction.
#[derive(Clone, Debug)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// Its number.
    pub serial: u32,
    /// The number it answers.
    pub reply_to: Option<u32>,
    /// Name of a refusal.
    pub error: Option<String>,
    /// Method or signal.
    pub member: Option<String>,
    /// Address of a call: destination, object, interface.
    pub to: [String; 3],
    /// Types of the body.
    pub signature: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Message {
    /// A call without arguments.
    #[must_use]
    pub fn call(destination: &str, object: &str, interface: &str, member: &str) -> Self {
        Self {
            kind: Kind::Call,
            serial: 0,
            reply_to: None,
            error: None,
            member: Some(member.to_owned()),
            to: [destination, object, interface].map(str::to_owned),
            signature: String::new(),
            body: Vec::new(),
        }
    }

    /// With arguments.
    #[must_use]
    pub fn with_body(mut self, signature: &str, body: Writer) -> Self {
        signature.clone_into(&mut self.signature);
        self.body = body.0;
        self
    }

    /// Reads the body from its begin.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            bytes: &self.body,
            at: 0,
        }
    }

    /// The bytes to send.
    #[must_use]
    pub fn encode(&self, serial: u32) -> Vec<u8> {
        let kind = match self.kind {
            Kind::Call => 1,
            Kind::Return => 2,
            Kind::Error => 3,
            Kind::Signal => 4,
        };
        let mut out = Writer(vec![b'l', kind, 0, 1]);
        out.u32(self.body.len() as u32);
        out.u32(serial);
        out.array(8, |fields| {
            let [destination, object, interface] = &self.to;
            let texts = [
                (1, "o", Some(object)),
                (2, "s", Some(interface)),
                (3, "s", self.member.as_ref()),
                (4, "s", self.error.as_ref()),
                (6, "s", Some(destination)),
            ];
            for (code, kind, value) in texts {
                if let Some(value) = value.filter(|v| !v.is_empty()) {
                    fields.align(8);
                    fields.0.push(code);
                    fields.signature(kind);
                    fields.string(value);
                }
            }
            if let Some(reply_to) = self.reply_to {
                fields.align(8);
                fields.0.push(5);
                fields.signature("u");
                fields.u32(reply_to);
            }
            if !self.signature.is_empty() {
                fields.align(8);
                fields.0.push(8);
                fields.signature("g");
                fields.signature(&self.signature);
            }
        });
        out.align(8);
        out.0.extend_from_slice(&self.body);
        out.0
    }

    /// Length of the whole message that begins with these sixteen bytes.
    pub fn length(head: &[u8; 16]) -> Result<usize, BusError> {
        let number = |at: usize| {
            u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize
        };
        if head[0] != b'l' || head[3] != 1 {
            return Err(BusError::Garbled(
                "a message in another byte order or version",
            ));
        }
        let (body, fields) = (number(4), number(12));
        if body > LONGEST || fields > LONGEST {
            return Err(BusError::Garbled("a message that is too long"));
        }
        Ok((16 + fields).next_multiple_of(8) + body)
    }

    /// Reads a whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, BusError> {
        let mut reader = Reader { bytes, at: 1 };
        let kind = match reader.byte()? {
            1 => Kind::Call,
            2 => Kind::Return,
            3 => Kind::Error,
            4 => Kind::Signal,
            _ => return Err(BusError::Garbled("a kind of message nobody knows")),
        };
        let mut message = Self::call("", "", "", "");
        message.kind = kind;
        message.member = None;
        reader.at = 4;
        let body = reader.u32()? as usize;
        message.serial = reader.u32()?;
        let end = reader.u32()? as usize + reader.at;
        while reader.at < end {
            reader.align(8)?;
            let code = reader.byte()?;
            match reader.signature()?.as_str() {
                "s" | "o" => {
                    let value = reader.string()?;
                    match code {
                        1 => message.to[1] = value,
                        2 => message.to[2] = value,
                        3 => message.member = Some(value),
                        4 => message.error = Some(value),
                        6 => message.to[0] = value,
                        _ => {}
                    }
                }
                "u" => {
                    let value = reader.u32()?;
                    if code == 5 {
                        message.reply_to = Some(value);
                    }
                }
                "g" => message.signature = reader.signature()?,
                _ => return Err(BusError::Garbled("a header field of a strange type")),
            }
        }
        reader.align(8)?;
        let rest = bytes.get(reader.at..reader.at + body);
        message.body = rest
            .ok_or(BusError::Garbled("a body that is cut off"))?
            .to_vec();
        Ok(message)
    }
}

/// Makes bodies.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Zeros up to a multiple of `to`.
    pub fn align(&mut self, to: usize) {
        self.0.resize(self.0.len().next_multiple_of(to), 0);
    }

    /// A number.
    pub fn u32(&mut self, value: u32) {
        self.align(4);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// A text or the path of an object.
    pub fn string(&mut self, value: &str) {
        self.u32(value.len() as u32);
        self.0.extend_from_slice(value.as_bytes());
        self.0.push(0);
    }

    fn signature(&mut self, value: &str) {
        self.0.push(value.len() as u8);
        self.0.extend_from_slice(value.as_bytes());
        self.0.push(0);
    }

    /// An array whose elements begin at multiples of `to`.
    pub fn array(&mut self, to: usize, fill: impl FnOnce(&mut Self)) {
        self.u32(0);
        let length_at = self.0.len() - 4;
        self.align(to);
        let begin = self.0.len();
        fill(self);
        let length = (self.0.len() - begin) as u32;
        self.0[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }
}

/// Reads bodies.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// Skips to a multiple of `to`.
    pub fn align(&mut self, to: usize) -> Result<(), BusError> {
        self.at = self.at.next_multiple_of(to);
        if self.at > self.bytes.len() {
            return Err(BusError::Garbled("a message that ends too early"));
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&[u8], BusError> {
        let end = self.at.checked_add(count);
        let part = end.and_then(|end| self.bytes.get(self.at..end));
        let part = part.ok_or(BusError::Garbled("a message that ends too early"))?;
        self.at += count;
        Ok(part)
    }

    fn byte(&mut self) -> Result<u8, BusError> {
        Ok(self.take(1)?[0])
    }

    /// A number.
    pub fn u32(&mut self) -> Result<u32, BusError> {
        self.align(4)?;
        let part = self.take(4)?;
        Ok(u32::from_le_bytes([part[0], part[1], part[2], part[3]]))
    }

    /// A text or the path of an object.
    pub fn string(&mut self) -> Result<String, BusError> {
        let length = self.u32()? as usize;
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.take(1)?;
        Ok(text)
    }

    fn signature(&mut self) -> Result<String, BusError> {
        let length = self.byte()? as usize;
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.take(1)?;
        Ok(text)
    }
}
