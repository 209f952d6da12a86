//! Digests of bodies: MD5 for the entity tag, and whatever checksums the client sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// Checksums in base64 by algorithm, as S3 stores and returns them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksums {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crc32: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crc32c: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Of the checksums of the parts, not of the bytes.
    #[serde(default)]
    pub composite: bool,
}

/// The five algorithms of S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// The header that carries a checksum of this kind.
    pub fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The algorithm called `name` in the API, for example `CRC32`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "CRC32" => Some(Self::Crc32),
            "CRC32C" => Some(Self::Crc32c),
            "CRC64NVME" => Some(Self::Crc64Nvme),
            "SHA1" => Some(Self::Sha1),
            "SHA256" => Some(Self::Sha256),
            _ => None,
        }
    }
}

impl Checksums {
    /// The checksum of one kind.
    pub fn get(&self, algorithm: Algorithm) -> Option<&String> {
        match algorithm {
            Algorithm::Crc32 => self.crc32.as_ref(),
            Algorithm::Crc32c => self.crc32c.as_ref(),
            Algorithm::Crc64Nvme => self.crc64nvme.as_ref(),
            Algorithm::Sha1 => self.sha1.as_ref(),
            Algorithm::Sha256 => self.sha256.as_ref(),
        }
    }

    pub fn set(&mut self, algorithm: Algorithm, value: String) {
        let place = match algorithm {
            Algorithm::Crc32 => &mut self.crc32,
            Algorithm::Crc32c => &mut self.crc32c,
            Algorithm::Crc64Nvme => &mut self.crc64nvme,
            Algorithm::Sha1 => &mut self.sha1,
            Algorithm::Sha256 => &mut self.sha256,
        };
        *place = Some(value);
    }

    /// Those of the checksums that S3 would call by a name.
    pub fn kinds(&self) -> impl Iterator<Item = (Algorithm, &String)> {
        let value = |algorithm| self.get(algorithm).map(|value| (algorithm, value));
        Algorithm::ALL.into_iter().filter_map(value)
    }
}

/// A digest in the making.
pub(crate) struct Hasher {
    md5: Md5,
    checksums: ChecksumHasher,
}

/// The digests of a whole body.
#[derive(Debug, Clone)]
pub(crate) struct Digests {
    pub md5: [u8; 16],
    pub checksums: Checksums,
}

impl Hasher {
    /// Computes MD5 and these checksums.
    pub fn new(algorithms: &[Algorithm]) -> Self {
        let mut checksums = ChecksumHasher::default();
        for algorithm in algorithms {
            match algorithm {
                Algorithm::Crc32 => checksums.crc32 = Some(Crc32::new()),
                Algorithm::Crc32c => checksums.crc32c = Some(Crc32c::new()),
                Algorithm::Crc64Nvme => checksums.crc64nvme = Some(Crc64Nvme::new()),
                Algorithm::Sha1 => checksums.sha1 = Some(Sha1::new()),
                Algorithm::Sha256 => checksums.sha256 = Some(Sha256::new()),
            }
        }
        let md5 = Md5::new();
        Self { md5, checksums }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.checksums.update(bytes);
    }

    pub fn finish(self) -> Digests {
        let computed = self.checksums.finalize();
        Digests {
            md5: self.md5.finalize().into(),
            checksums: Checksums {
                crc32: computed.checksum_crc32,
                crc32c: computed.checksum_crc32c,
                crc64nvme: computed.checksum_crc64nvme,
                sha1: computed.checksum_sha1,
                sha256: computed.checksum_sha256,
                composite: false,
            },
        }
    }
}

/// Refuses a body whose digests are not the ones the client announced.
pub(crate) fn verify(digests: &Digests, md5: Option<&str>, announced: &Checksums) -> S3Result<()> {
    if let Some(md5) = md5 {
        match BASE64.decode(md5) {
            Ok(expected) if expected.len() != 16 => return Err(s3_error!(InvalidDigest)),
            Ok(expected) if expected == digests.md5 => {}
            Ok(_) => return Err(s3_error!(BadDigest)),
            Err(_) => return Err(s3_error!(InvalidDigest)),
        }
    }
    for (algorithm, expected) in announced.kinds() {
        if digests.checksums.get(algorithm) != Some(expected) {
            return Err(s3_error!(
                BadDigest,
                "The {} you specified did not match the calculated checksum.",
                algorithm.header()
            ));
        }
    }
    Ok(())
}

/// Entity tag of an object made of parts with these entity tags.
pub(crate) fn etag_of_parts(etags: &[String]) -> String {
    let mut md5 = Md5::new();
    for etag in etags {
        md5.update(hex::decode(etag).unwrap_or_default());
    }
    format!("{}-{}", hex::encode(md5.finalize()), etags.len())
}

/// The checksum of the parts' checksums, for the kind that every part has.
pub(crate) fn composite(parts: &[Checksums]) -> Checksums {
    let mut result = Checksums {
        composite: true,
        ..Checksums::default()
    };
    for algorithm in Algorithm::ALL {
        let values: Option<Vec<&String>> = parts.iter().map(|part| part.get(algorithm)).collect();
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            continue;
        };
        let mut hasher = Hasher::new(&[algorithm]);
        for value in values {
            hasher.update(&BASE64.decode(value).unwrap_or_default());
        }
        let digests = hasher.finish();
        if let Some(value) = digests.checksums.get(algorithm) {
            result.set(algorithm, format!("{value}-{}", parts.len()));
        }
    }
    result
}
