//! Just enough of Protocol Buffers to walk over the fields of a message.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'a> {
    /// Integers, booleans and enumerations.
    Varint(u64),
    /// Doubles and 64-bit integers of fixed size.
    Fixed64(u64),
    /// Texts, bytes and messages.
    Bytes(&'a [u8]),
    /// Floats and 32-bit integers of fixed size.
    Fixed32(u32),
}

impl<'a> Field<'a> {
    /// Bytes; empty for anything else.
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            _ => &[],
        }
    }

    /// Text; what is no UTF-8 is replaced.
    pub fn text(self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// An `int64`; zero for anything else.
    pub fn integer(self) -> i64 {
        match self {
            Self::Varint(value) => value as i64,
            _ => 0,
        }
    }

    /// An `sint64`, whose sign is its lowest bit.
    pub fn zigzag(self) -> i64 {
        match self {
            Self::Varint(value) => (value >> 1) as i64 ^ -((value & 1) as i64),
            _ => 0,
        }
    }

    /// A `double` or `float`.
    pub fn real(self) -> f64 {
        match self {
            Self::Fixed64(bits) => f64::from_bits(bits),
            Self::Fixed32(bits) => f32::from_bits(bits).into(),
            _ => f64::NAN,
        }
    }
}

/// The fields of a message in order, by number; `None` when it is no message.
pub fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Field<'_>)>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let field = match key & 7 {
            0 => Field::Varint(varint(&mut bytes)?),
            1 => Field::Fixed64(u64::from_le_bytes(take(&mut bytes, 8)?.try_into().ok()?)),
            2 => {
                let len = usize::try_from(varint(&mut bytes)?).ok()?;
                Field::Bytes(take(&mut bytes, len)?)
            }
            5 => Field::Fixed32(u32::from_le_bytes(take(&mut bytes, 4)?.try_into().ok()?)),
            _ => return None,
        };
        found.push((key >> 3, field));
    }
    Some(found)
}

/// The first field of a number.
pub fn first<'a>(fields: &[(u64, Field<'a>)], number: u64) -> Option<Field<'a>> {
    let found = fields.iter().find(|(n, _)| *n == number);
    found.map(|(_, field)| *field)
}

/// A `Timestamp` message in seconds since 1970.
pub fn timestamp(bytes: &[u8]) -> Option<f64> {
    let fields = fields(bytes)?;
    let secs = first(&fields, 1)?.integer() as f64;
    let nanos = first(&fields, 2).map_or(0, Field::integer);
    Some(secs + nanos as f64 / 1e9)
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(len)?;
    *bytes = tail;
    Some(head)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_walked_and_rubbish_is_refused() {
        // 1: varint 150, 2: "hi", 3: float 1.5
        let bytes = [8, 150, 1, 18, 2, b'h', b'i', 29, 0, 0, 192, 63];
        let read = fields(&bytes).expect("a message");
        assert_eq!(first(&read, 1).map(Field::integer), Some(150));
        assert_eq!(first(&read, 2).map(Field::text).as_deref(), Some("hi"));
        assert_eq!(first(&read, 3).map(Field::real), Some(1.5));
        assert_eq!(Field::Varint(3).zigzag(), -2);
        for wrong in [&bytes[..1], &bytes[..5], &[0xff; 11], &[11]] {
            assert_eq!(fields(wrong), None, "{wrong:?}");
        }
    }
}
