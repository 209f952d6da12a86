//! A GitHub and an OpenID Connect provider on the loopback that refuse whatever is not exactly
//! as their documentation says.

use auth::pkce;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub const CLIENT: &str = "client-1";
pub const SECRET: &str = "secret-1";
const ACCESS: &str = "access-token-1";

/// What a code was given out for.
#[derive(Clone)]
struct Grant {
    challenge: String,
    redirect_uri: String,
    nonce: String,
}

/// What the providers know.
pub struct Provider {
    /// Where they listen.
    pub address: String,
    grants: Mutex<HashMap<String, Grant>>,
    /// `/user` of GitHub, or the claims of the ID token.
    pub person: Mutex<Value>,
    /// `/user/emails` of GitHub.
    pub emails: Mutex<Value>,
    /// Signs ID tokens with a key nobody publishes.
    pub forge: Mutex<bool>,
    key: Vec<u8>,
}

pub async fn provider() -> Arc<Provider> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let provider = Arc::new(Provider {
        address,
        grants: Mutex::default(),
        person: Mutex::new(json!({"id": 77, "login": "octo.cat"})),
        emails: Mutex::new(json!([
            {"email": "other@example.com", "primary": false, "verified": true},
            {"email": "Octo@example.com", "primary": true, "verified": true},
        ])),
        forge: Mutex::default(),
        key: fresh_key(),
    });
    let router = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&provider));
    tokio::spawn(async move { axum::serve(listener, router).await });
    provider
}

fn fresh_key() -> Vec<u8> {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
    key.expect("a key").as_ref().to_vec()
}

impl Provider {
    /// The person agrees to an authorization request; returns code and state for the callback.
    pub fn agree(&self, url: &str) -> (String, String) {
        let query = url.split_once('?').expect("a query").1;
        let asked: HashMap<String, String> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["redirect_uri"].starts_with("http://argus.example/api/auth/oauth/"));
        let mut grants = self.grants.lock().expect("grants");
        let code = format!("code-{}", grants.len());
        let grant = Grant {
            challenge: asked["code_challenge"].clone(),
            redirect_uri: asked["redirect_uri"].clone(),
            nonce: asked.get("nonce").cloned().unwrap_or_default(),
        };
        grants.insert(code.clone(), grant);
        (code, asked["state"].clone())
    }

    fn exchange(&self, headers: &HeaderMap, body: &[u8]) -> Result<Grant, &'static str> {
        let header = |name| headers.get(name).and_then(|v| v.to_str().ok());
        if header("content-type") != Some("application/x-www-form-urlencoded") {
            return Err("content-type");
        }
        if header("accept") != Some("application/json") {
            return Err("accept");
        }
        let sent: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let field = |name: &str| sent.get(name).map(String::as_str);
        if field("client_id") != Some(CLIENT) || field("client_secret") != Some(SECRET) {
            return Err("client");
        }
        if field("grant_type") != Some("authorization_code") {
            return Err("grant_type");
        }
        // A code is good once.
        let code = field("code").unwrap_or_default();
        let mut grants = self.grants.lock().expect("grants");
        let grant = grants.get(code).cloned().ok_or("code")?;
        grants.insert(
            code.to_owned(),
            Grant {
                challenge: "used".into(),
                ..grant.clone()
            },
        );
        if field("redirect_uri") != Some(&grant.redirect_uri) {
            return Err("redirect_uri");
        }
        let verifier = field("code_verifier").unwrap_or_default();
        match pkce::challenge(verifier) == grant.challenge {
            true => Ok(grant),
            false => Err("code_verifier"),
        }
    }

    fn id_token(&self, grant: &Grant) -> String {
        let mut claims = self.person.lock().expect("person").clone();
        let given = [
            ("iss", json!(self.address)),
            ("aud", json!(CLIENT)),
            ("exp", json!(test_kit::app::START.secs() + 300)),
            ("nonce", json!(grant.nonce)),
        ];
        for (name, value) in given {
            claims[name] = value;
        }
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("key-1".into());
        let key = match *self.forge.lock().expect("forge") {
            true => fresh_key(),
            false => self.key.clone(),
        };
        let key = EncodingKey::from_ec_der(&key);
        jsonwebtoken::encode(&header, &claims, &key).expect("signed")
    }

    fn keys(&self) -> Value {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.key, &random);
        let pair = pair.expect("a key");
        let point = pair.public_key().as_ref();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "key-1", "alg": "ES256", "use": "sig",
            "x": part(&point[1..33]), "y": part(&point[33..])}]})
    }
}

async fn answer(
    State(provider): State<Arc<Provider>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let bearer = headers.get("authorization").and_then(|v| v.to_str().ok());
    let known = bearer == Some(&format!("Bearer {ACCESS}")) && headers.contains_key("user-agent");
    let reply = match (method.as_str(), uri.path()) {
        ("POST", "/login/oauth/access_token") => provider
            .exchange(&headers, &body)
            .map(|_| json!({"access_token": ACCESS, "token_type": "bearer"})),
        ("GET", "/user") if known => Ok(provider.person.lock().expect("person").clone()),
        ("GET", "/user/emails") if known => Ok(provider.emails.lock().expect("emails").clone()),
        ("GET", "/.well-known/openid-configuration") => Ok(json!({
            "issuer": provider.address,
            "authorization_endpoint": format!("{}/authorize", provider.address),
            "token_endpoint": format!("{}/token", provider.address),
            "jwks_uri": format!("{}/keys", provider.address),
        })),
        ("POST", "/token") => provider
            .exchange(&headers, &body)
            .map(|grant| json!({"access_token": ACCESS, "id_token": provider.id_token(&grant)})),
        ("GET", "/keys") => Ok(provider.keys()),
        _ => Err("no such route, or no right to it"),
    };
    match reply {
        Ok(value) => value.to_string().into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}
