//! Saying something on a channel.

use crate::tick::Mailer;
use domain::account::UserId;
use domain::channel::Channel;
use domain::notice::Notice;
use domain::time::Timestamp;
use http::{HeaderName, HeaderValue};
use mail::{Rendered, SendError, Template, render};
use notify::{Message, judge, prepare};
use runtime::Services;
use store::StoreError;
use store::outbox::Claim;
use wire::Locale;

/// What a channel is to be told.
pub(crate) struct Post<'a> {
    pub user: UserId,
    pub channel: u64,
    pub notice: Option<&'a Notice>,
}

/// Says it, and notes on the channel what came of it. What belongs to a channel or person that is
/// gone, or that was switched off meanwhile, counts as said.
///
/// # Errors
/// When storage fails before anything left.
pub(crate) async fn send(
    services: &Services,
    mailer: &Mailer,
    claim: &Claim,
    post: Post<'_>,
) -> Result<Result<(), SendError>, StoreError> {
    let Some(channel) = services.store.channel(post.user, post.channel).await? else {
        return Ok(Ok(()));
    };
    let user = services.store.user(post.user).await?;
    let Some(user) = user.map(|user| user.value).filter(|user| user.is_active) else {
        return Ok(Ok(()));
    };
    if !channel.enabled && post.notice.is_some() {
        return Ok(Ok(()));
    }
    let now = services.clock.now();
    let locale = Locale::negotiate(Some(&user.locale));
    let base = &services.config.base_url;
    let outcome = match words(post.notice, locale) {
        Ok(words) => {
            let link = post.notice.and_then(link).unwrap_or(base);
            let message = Message {
                id: claim.waiting.id,
                title: &words.subject,
                text: &words.text,
                link,
                notice: post.notice,
            };
            say(mailer, &channel, &message, now).await
        }
        Err(error) => Err(error),
    };
    let error = outcome.as_ref().err().map(|error| error.text.clone());
    let noted = services
        .store
        .update_channel(post.user, channel.id, |channel| {
            channel.tried_at = Some(now);
            channel.last_error.clone_from(&error);
            Ok::<_, StoreError>(vec![])
        });
    if let Err(cause) = noted.await {
        // Only a remark for its owner; the message itself is settled by its row.
        tracing::warn!(channel = channel.id, %cause, "the outcome was not noted on the channel");
    }
    Ok(outcome)
}

fn words(notice: Option<&Notice>, locale: Locale) -> Result<Rendered, SendError> {
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
    render(Template::Event(notice.kind), locale, &notice.words, None).map_err(SendError::lasting)
}

fn link(notice: &Notice) -> Option<&str> {
    let word = |name| notice.words.get(name).filter(|link| !link.is_empty());
    let found = word("link.batch_url").or_else(|| word("link.url"));
    found.map(String::as_str)
}

async fn say(
    mailer: &Mailer,
    channel: &Channel,
    message: &Message<'_>,
    now: Timestamp,
) -> Result<(), SendError> {
    let prepared = prepare(channel, message, now)
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
