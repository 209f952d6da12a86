//! Which certificates are trusted.

use super::HttpError;
use crate::settings::Settings;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// TLS as `settings` want it: the authorities of `ARGUS_CA_BUNDLE` or `REQUESTS_CA_BUNDLE`, else
/// those of the system, where `SSL_CERT_FILE` and `SSL_CERT_DIR` count.
pub fn config(settings: &Settings) -> Result<Arc<ClientConfig>, HttpError> {
    let mut roots = RootCertStore::empty();
    match &settings.ca_bundle {
        Some(path) => add_file(&mut roots, path)?,
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
    }
    if roots.is_empty() {
        let text = "no certificate authorities: set ARGUS_CA_BUNDLE to a PEM file of them";
        return Err(HttpError::Setup(text.into()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::Setup(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), HttpError> {
    let wrong = |error: &dyn std::fmt::Display| {
        HttpError::Setup(format!(
            "cannot read certificates of {}: {error}",
            path.display()
        ))
    };
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        roots.add(certificate).map_err(|error| wrong(&error))?;
    }
    Ok(())
}
