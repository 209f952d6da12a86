//! Saying something on a channel.

use crate::tick::Mailer;
use domain::channel::{Channel, ChannelOwner, Said};
use domain::notice::Notice;
use http::{HeaderName, HeaderValue};
use mail::{Rendered, SendError, Template};
use notify::{Message, judge, prepare};
use runtime::Services;
use runtime::settings::Values;
use store::channels::said_write;
use store::outbox::Claim;
use store::{Store, StoreError};
use wire::Locale;

/// What a channel is to be told.
pub(crate) struct Post<'a> {
    pub of: &'a ChannelOwner,
    pub channel: u64,
    pub notice: Option<&'a Notice>,
}

/// Says it, and notes beside the channel what came of it. What belongs to a channel, person or
/// project that is gone, or that was switched off meanwhile, counts as said.
///
/// # Errors
/// When storage fails before anything left.
pub(crate) async fn send(
    services: &Services,
    mailer: &Mailer,
    claim: &Claim,
    post: Post<'_>,
) -> Result<Result<(), SendError>, StoreError> {
    let Some(channel) = services.store.channel(post.of, post.channel).await? else {
        return Ok(Ok(()));
    };
    let Some(locale) = locale(&services.store, post.of, &channel).await? else {
        return Ok(Ok(()));
    };
    if !channel.enabled && post.notice.is_some() {
        return Ok(Ok(()));
    }
    let now = services.clock.now();
    let base = &services.config.base_url;
    let outcome = match words(&*services.settings().await?, post.notice, locale) {
        Ok(words) => {
            let link = post.notice.and_then(link).unwrap_or(base);
            let message = Message {
                id: claim.waiting.id,
                title: &words.subject,
                text: &words.text,
                link,
                notice: post.notice,
            };
            say(services, mailer, &channel, &message).await
        }
        Err(error) => Err(error),
    };
    let said = Said {
        id: claim.waiting.id,
        notice: post.notice.cloned(),
        tried_at: now,
        error: outcome.as_ref().err().map(|error| error.text.clone()),
    };
    let noted = services
        .store
        .update_channel(post.of, channel.id, |channel| {
            channel.tried_at = Some(now);
            channel.last_error.clone_from(&said.error);
            Ok::<_, StoreError>(vec![said_write(channel.id, &said)?])
        });
    if let Err(cause) = noted.await {
        // Only a remark for its owner; the message itself is settled by its row.
        tracing::warn!(channel = channel.id, %cause, "the outcome was not noted on the channel");
    }
    Ok(outcome)
}

/// Language of what is said; `None` when nobody is left to whom it matters.
async fn locale(
    store: &Store,
    of: &ChannelOwner,
    channel: &Channel,
) -> Result<Option<Locale>, StoreError> {
    let owners = match of {
        ChannelOwner::User(user) => {
            let user = store.user(*user).await?.map(|user| user.value);
            user.filter(|user| user.is_active).map(|user| user.locale)
        }
        ChannelOwner::Project(slug) => {
            let project = store.project(slug).await?;
            project.map(|_| Locale::English.as_str().to_owned())
        }
    };
    Ok(owners.map(|owners| {
        let wanted = channel.locale.as_deref().unwrap_or(&owners);
        Locale::negotiate(Some(wanted))
    }))
}

fn words(
    settings: &Values,
    notice: Option<&Notice>,
    locale: Locale,
) -> Result<Rendered, SendError> {
    let Some(notice) = notice else {
        let (subject, text) = match locale {
            Locale::English => ("Argus: test", "This channel works."),
            Locale::Chinese => ("Argus：测试", "该通知渠道工作正常。"),
        };
        return Ok(Rendered {
            subject: subject.to_owned(),
            text: text.to_owned(),
            html: String::new(),
        });
    };
    settings
        .filled(Template::Event(notice.kind), locale, &notice.words)
        .map_err(SendError::lasting)
}

fn link(notice: &Notice) -> Option<&str> {
    let word = |name| notice.words.get(name).filter(|link| !link.is_empty());
    let found = word("link.batch_url").or_else(|| word("link.url"));
    found.map(String::as_str)
}

async fn say(
    services: &Services,
    mailer: &Mailer,
    channel: &Channel,
    message: &Message<'_>,
) -> Result<(), SendError> {
    let target = services.open_target(channel).ok_or_else(|| {
        SendError::lasting("ARGUS_CONFIG_KEY changed since: set the channel's address and secret")
    })?;
    let prepared = prepare(channel, &target, message, services.clock.now())
        .ok_or_else(|| SendError::lasting("the channel points nowhere"))?;
    let mut headers = Vec::with_capacity(prepared.headers.len());
    for (name, value) in prepared.headers {
        let value = HeaderValue::try_from(value)
            .map_err(|_| SendError::lasting("the channel's secret does not fit a header"))?;
        headers.push((HeaderName::from_static(name), value));
    }
    let body = prepared.body.into_bytes();
    let answer = mailer.client.post(&prepared.url, headers, body).await;
    let answer = answer.map_err(SendError::passing)?;
    judge(channel.kind, answer.status, &answer.body).map_err(|refusal| SendError {
        text: refusal.text,
        is_final: refusal.is_final,
    })
}
