//! Whom to trust: the system's certificates, or those of one file.

use crate::{Settings, SetupError};
use std::sync::Arc;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// TLS settings. Certificates are read only when TLS is used: they cost a megabyte.
pub(crate) fn config(settings: &Settings) -> Result<TlsConfig, SetupError> {
    let roots = if settings.address.is_secure() {
        roots(settings)?
    } else {
        Vec::new()
    };
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

fn roots(settings: &Settings) -> Result<Vec<Certificate<'static>>, SetupError> {
    let (path, found) = match &settings.ca_bundle {
        Some(path) => {
            let name = path.display().to_string();
            let wrong = |reason: String| SetupError::Certificates {
                path: name.clone(),
                reason,
            };
            let pem = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
            let mut found = Vec::new();
            for item in parse_pem(&pem) {
                if let PemItem::Certificate(one) = item.map_err(|e| wrong(e.to_string()))? {
                    found.push(one);
                }
            }
            (name, found)
        }
        None => {
            let loaded = rustls_native_certs::load_native_certs();
            let found = loaded.certs.iter();
            let found = found.map(|one| Certificate::from_der(one).to_owned());
            ("the system's store".to_owned(), found.collect())
        }
    };
    if found.is_empty() {
        return Err(SetupError::Certificates {
            path,
            reason: format!("none found; name a PEM file in {}", crate::CA_BUNDLE),
        });
    }
    Ok(found)
}
