//! From a person a provider vouches for to an account of ours.

use crate::oauth::provider::{Person, Provider, Reason};
use crate::session;
use crate::view::TokenResponse;
use domain::account::{Link, User, UserId};
use runtime::{Services, entropy};
use store::StoreError;
use store::accounts::Registered;
use store::flows::provider_claim_write;
use web::{ApiResult, ClientInfo, Deed};

/// Names tried for a new account before random ones.
const NUMBERED: usize = 20;
/// Draws of a name or id before giving up.
const DRAWS: usize = 30;

/// Links the person's account to `user`; the inner error is for the page.
pub async fn link(
    services: &Services,
    client: &ClientInfo,
    provider: Provider,
    user: UserId,
    person: &Person,
) -> ApiResult<Result<(), String>> {
    let name = provider.name();
    let deed = Deed::of_user("oauth_link", user).with("via", name);
    let row = deed.row(services, &user, client)?;
    let changed = services.store.change_user(user, |found| {
        if !found.is_active || found.links.iter().any(|link| link.provider == name) {
            return Ok(None);
        }
        found.links.push(link_of(provider, person));
        Ok(Some(vec![
            provider_claim_write(name, &person.subject, user),
            row.clone(),
        ]))
    });
    let taken = match changed.await {
        Ok(changed) => changed.is_none(),
        Err(StoreError::ConditionAt(1)) => true,
        Err(error) => return Err(error.into()),
    };
    services.credentials.forget_user(user);
    Ok(match taken {
        true => Err(format!("{name}_already_linked")),
        false => Ok(()),
    })
}

fn link_of(provider: Provider, person: &Person) -> Link {
    Link {
        provider: provider.name().to_owned(),
        subject: person.subject.clone(),
        login: person.login.clone(),
    }
}

/// Logs the person in: by the linked account, by a verified address, or with a new account.
pub async fn log_in(
    services: &Services,
    client: &ClientInfo,
    provider: Provider,
    person: &Person,
) -> ApiResult<Result<TokenResponse, Reason>> {
    let user = match account(services, client, provider, person).await? {
        Ok(user) => user,
        Err(reason) => return Ok(Err(reason)),
    };
    if !user.is_active {
        return Ok(Err("account_disabled"));
    }
    if person.is_admin && !user.is_admin {
        let deed = Deed::of_user("user_promote", user.id).with("via", provider.name());
        let row = deed.row(services, &user.id, client)?;
        let promote = |user: &mut User| {
            user.is_admin = true;
            Ok(Some(vec![row.clone()]))
        };
        services.store.change_user(user.id, promote).await?;
        services.credentials.forget_user(user.id);
    }
    let deed = Deed::of_user("login_success", user.id).with("via", provider.name());
    let token = session::log_in(services, &user, client, deed).await?;
    Ok(token.ok_or("account_disabled"))
}

async fn account(
    services: &Services,
    client: &ClientInfo,
    provider: Provider,
    person: &Person,
) -> ApiResult<Result<User, Reason>> {
    let store = &services.store;
    let known = store
        .user_by_provider(provider.name(), &person.subject)
        .await?;
    if let Some(user) = known {
        return Ok(Ok(user));
    }
    let Some(found) = store.user_by_email(&person.email).await? else {
        return create(services, client, provider, person).await;
    };
    // An address nobody confirmed may have been registered by a stranger in wait for its owner.
    if !found.value.email_verified {
        return Ok(Err("email_not_verified"));
    }
    if !found.value.is_active {
        return Ok(Err("account_disabled"));
    }
    let id = found.value.id;
    if link(services, client, provider, id, person).await?.is_err() {
        return Ok(Err("already_linked"));
    }
    let user = store.user(id).await?.map(|found| found.value);
    Ok(user.ok_or("account_disabled"))
}

async fn create(
    services: &Services,
    client: &ClientInfo,
    provider: Provider,
    person: &Person,
) -> ApiResult<Result<User, Reason>> {
    // A provider's login brings no setup token, so where one is needed nobody leads this way.
    let leads = services.config.setup_token.is_none();
    let closed = !services.settings().await?.registration_open;
    if closed && (!leads || services.store.has_admin().await?) {
        return Ok(Err("registration_closed"));
    }
    let stem = stem(&person.login);
    for draw in 0..DRAWS {
        let now = services.clock.now();
        let username = match draw {
            0 => stem.clone(),
            1..=NUMBERED => format!("{stem}-{draw}"),
            _ => format!("{stem}-{}", hex(entropy::bytes())),
        };
        let user = User {
            id: entropy::new_id(now),
            username,
            email: person.email.clone(),
            password_hash: None,
            is_admin: false,
            email_verified: true,
            is_active: true,
            created_at: now,
            last_login: None,
            locale: "en-US".into(),
            hide_demo: false,
            epoch: 0,
            links: vec![link_of(provider, person)],
        };
        let deed = Deed::of_user("register", user.id).with("via", provider.name());
        let also = vec![deed.row(services, &user.id, client)?];
        match services.store.register(&user, leads, also).await? {
            Registered::Done(is_admin) => return Ok(Ok(User { is_admin, ..user })),
            Registered::EmailTaken | Registered::LinkTaken => return Ok(Err("already_linked")),
            Registered::UsernameTaken | Registered::IdTaken => {}
        }
    }
    Ok(Err("no_free_name"))
}

/// What of a login there can be a name here.
fn stem(login: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '_' || *c == '-';
    let mut stem: String = login.chars().filter(fits).take(28).collect();
    if stem.is_empty() {
        stem = "ghuser".into();
    }
    while stem.len() < 3 {
        stem.push('_');
    }
    stem
}

fn hex(bytes: [u8; 2]) -> String {
    format!("{:04x}", u16::from_le_bytes(bytes))
}
