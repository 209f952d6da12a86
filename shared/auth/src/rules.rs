//! What names, addresses and passwords may be.

/// Why an input is refused, as people read it.
pub type Refusal = &'static str;

/// Top-level names that never receive mail.
const RESERVED: [&str; 4] = ["local", "test", "invalid", "localhost"];

/// User names: 3 to 32 letters, digits, `_` or `-`.
pub fn username(name: &str) -> Result<(), Refusal> {
    let fits = (3..=32).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits {
        Ok(())
    } else {
        Err("String should match pattern '^[A-Za-z0-9_-]{3,32}$'")
    }
}

/// Addresses: something at a domain with a dot that can receive mail.
pub fn email(address: &str) -> Result<(), Refusal> {
    let refusal = Err("value is not a valid email address");
    let Some((name, domain)) = address.rsplit_once('@') else {
        return refusal;
    };
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"@".contains(c);
    let labels: Vec<&str> = domain.split('.').collect();
    let label = |l: &&str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let last = labels.last().map(|l| l.to_lowercase()).unwrap_or_default();
    if name.is_empty()
        || name.len() > 64
        || name.starts_with('.')
        || name.ends_with('.')
        || name.contains("..")
        || name.contains(odd)
        || labels.len() < 2
        || !labels.iter().all(label)
        || RESERVED.contains(&last.as_str())
        || address.len() > 254
    {
        return refusal;
    }
    Ok(())
}

/// Passwords: 10 to 256 characters with a letter and a digit.
pub fn password(password: &str) -> Result<(), Refusal> {
    let chars = password.chars().count();
    if chars < 10 {
        return Err("String should have at least 10 characters");
    }
    if chars > 256 {
        return Err("String should have at most 256 characters");
    }
    let has = |test: fn(char) -> bool| password.chars().any(test);
    if has(char::is_alphabetic) && has(|c| c.is_ascii_digit()) {
        Ok(())
    } else {
        Err("password must contain a letter and a digit")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_and_passwords() {
        for good in ["abc", "A_b-9", &"x".repeat(32)] {
            assert!(username(good).is_ok(), "{good}");
        }
        for bad in ["ab", "a b c", "名字名字", &"x".repeat(33)] {
            assert!(username(bad).is_err(), "{bad}");
        }
        for good in ["a@b.co", "first.last+tag@sub.example.com"] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in [
            "a",
            "a@b",
            "@b.co",
            "a@b.local",
            "a@x.test",
            "a b@c.co",
            "a@-b.co",
            "a@b..co",
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
        assert!(password("abcdefghi1").is_ok());
        for bad in ["short1", "onlyletters", "1234567890"] {
            assert!(password(bad).is_err(), "{bad}");
        }
        assert!(password(&format!("a1{}", "x".repeat(255))).is_err());
    }
}
