//! Completing an upload: the parts become one object, at once or not at all.

use std::io::{self, Read, Write};

use s3s::dto::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, ETag};
use s3s::{S3Result, s3_error};

use crate::backend::Backend;
use crate::blobs::{Blob, Blobs};
use crate::digest::{Algorithm, Checksums, Hasher, composite, etag_of_parts};
use crate::failure::file;
use crate::intake::blocking;
use crate::multipart::{StoredPart, forget, need_upload, parts};
use crate::rows::{Conditions, Object, now, store};

/// The least a part may have, the last one excepted.
const SMALLEST: i64 = 5 << 20;

impl Backend {
    pub(crate) async fn complete_upload(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let place = (input.bucket.clone(), input.key.clone(), input.upload_id);
        let (bucket, key, id) = place.clone();
        let find = self.index.read(move |tx| {
            let attributes = need_upload(tx, &bucket, &key, &id)?;
            Ok((attributes, parts(tx, &id)?))
        });
        let (mut attributes, stored) = find.await?;
        let named = input.multipart_upload.and_then(|upload| upload.parts);
        let chosen = choose(&stored, &named.unwrap_or_default())?;
        let whole = attributes.checksum_type.as_deref() == Some("FULL_OBJECT");
        let algorithm = attributes.algorithm.as_deref().and_then(Algorithm::parse);
        let (blobs, sources) = (self.blobs.clone(), chosen.clone());
        let hashed = algorithm.filter(|_| whole);
        let joined = blocking(move || join(&blobs, &sources, hashed));
        let (blob, full) = joined.await?;
        attributes.checksums = match hashed {
            Some(_) => full,
            None => {
                let sums: Vec<Checksums> = chosen.iter().map(|p| p.checksums.clone()).collect();
                composite(&sums)
            }
        };
        let etags: Vec<String> = chosen.iter().map(|part| part.etag.clone()).collect();
        let checksums = attributes.checksums.clone();
        let object = Object {
            blob: blob.name().to_owned(),
            size: chosen.iter().map(|part| part.size).sum(),
            etag: etag_of_parts(&etags),
            modified: now(),
            attributes,
        };
        let conditions = Conditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
        };
        let etag = object.etag.clone();
        let (bucket, key, id) = place;
        let write = self.index.write(move |tx| {
            // Somebody else may have completed or aborted it meanwhile.
            need_upload(tx, &bucket, &key, &id)?;
            let mut unused = forget(tx, &id)?;
            unused.extend(store(tx, &bucket, &key, &object, &conditions)?);
            blob.keep();
            Ok(unused)
        });
        self.write_and_discard(write).await?;
        Ok(CompleteMultipartUploadOutput {
            location: Some(format!("/{}/{}", input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            ..CompleteMultipartUploadOutput::default()
        })
    }
}

/// The stored parts the client named, in its order.
fn choose(stored: &[StoredPart], named: &[CompletedPart]) -> S3Result<Vec<StoredPart>> {
    if named.is_empty() {
        return Err(s3_error!(MalformedXML));
    }
    let mut chosen: Vec<StoredPart> = Vec::with_capacity(named.len());
    for name in named {
        let number = name.part_number.unwrap_or_default();
        if chosen.last().is_some_and(|before| before.number >= number) {
            return Err(s3_error!(InvalidPartOrder));
        }
        let part = stored.iter().find(|part| part.number == number);
        let part = part.ok_or_else(|| s3_error!(InvalidPart))?;
        if name
            .e_tag
            .as_ref()
            .is_some_and(|tag| tag.value() != part.etag)
        {
            return Err(s3_error!(InvalidPart));
        }
        chosen.push(part.clone());
    }
    let all_but_last = &chosen[..chosen.len() - 1];
    match all_but_last.iter().any(|part| part.size < SMALLEST) {
        true => Err(s3_error!(EntityTooSmall)),
        false => Ok(chosen),
    }
}

/// One blob with the bytes of all parts; hashed only if the whole needs a checksum.
fn join(
    blobs: &Blobs,
    sources: &[StoredPart],
    algorithm: Option<Algorithm>,
) -> S3Result<(Blob, Checksums)> {
    let work = || -> io::Result<(Blob, Checksums)> {
        if let ([only], None) = (sources, algorithm) {
            return Ok((blobs.link(&only.blob)?, Checksums::default()));
        }
        let mut draft = blobs.create()?;
        let mut hasher = algorithm.map(|algorithm| Hasher::new(&[algorithm]));
        for source in sources {
            let mut part = blobs.open_blob(&source.blob)?;
            match &mut hasher {
                // Between two files the kernel copies by itself.
                None => drop(io::copy(&mut part, &mut draft.file)?),
                Some(hasher) => {
                    let mut buffer = vec![0; 1 << 20];
                    loop {
                        let read = part.read(&mut buffer)?;
                        if read == 0 {
                            break;
                        }
                        hasher.update(&buffer[..read]);
                        draft.file.write_all(&buffer[..read])?;
                    }
                }
            }
        }
        let checksums = hasher.map(|hasher| hasher.finish().checksums);
        Ok((draft.finish()?, checksums.unwrap_or_default()))
    };
    work().map_err(|error| match error.kind() {
        // The upload was completed or aborted meanwhile.
        io::ErrorKind::NotFound => s3_error!(NoSuchUpload),
        _ => file(&error),
    })
}
