//! What becomes of words.

use super::*;
use domain::notice::NoticeKind;

fn words(pairs: &[(&str, &str)]) -> Words {
    let pair = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
    pairs.iter().map(pair).collect()
}

fn job(error: &str) -> Words {
    words(&[
        ("job.id", "j<1>"),
        ("job.error", error),
        ("batch.name", "b & c"),
        ("batch.project", "p"),
        ("link.batch_url", "https://argus.example/batches/b?x=1&y=2"),
    ])
}

const JOB: Template = Template::Event(NoticeKind::JobFailed);

#[test]
fn only_html_is_escaped() {
    let mail = render(JOB, Locale::English, &job("a < b\nand \"c\""), None).expect("fills");
    assert_eq!(mail.subject, "Job j<1> failed");
    assert!(
        mail.text.contains("Reason: a < b\nand \"c\""),
        "{}",
        mail.text
    );
    assert!(
        mail.html.contains("Reason: a &lt; b<br>and &quot;c&quot;"),
        "{}",
        mail.html
    );
    assert!(
        mail.html
            .contains("href=\"https://argus.example/batches/b?x=1&amp;y=2\"")
    );
    assert!(!mail.html.contains("j<1>"));
}

#[test]
fn lines_without_words_are_left_out_and_words_are_not_templates() {
    let mail = render(JOB, Locale::Chinese, &job("{{user.password}}"), None).expect("fills");
    assert!(!mail.text.contains("模型"), "{}", mail.text);
    assert!(mail.text.contains("{{user.password}}"));
}

#[test]
fn a_subject_stays_one_line() {
    let mut words = job("");
    words.insert("job.id".into(), "x\r\nBcc: all@example.com".into());
    let mail = render(JOB, Locale::English, &words, None).expect("fills");
    assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
}

#[test]
fn own_words_replace_the_built_in_ones() {
    let own = Override {
        subject: "{{ job.id }}!".into(),
        text: "{{job.missing}}-{{job.error}}".into(),
        html: "<b>{{job.id}}</b>".into(),
    };
    let mail = render(JOB, Locale::English, &job("<e>"), Some(&own)).expect("fills");
    assert_eq!(
        (mail.subject.as_str(), mail.text.as_str()),
        ("j<1>!", "-<e>")
    );
    assert_eq!(mail.html, "<b>j&lt;1&gt;</b>");
    let unknown = Override {
        text: "{{secret.key}}".into(),
        ..own.clone()
    };
    let outcome = render(JOB, Locale::English, &job(""), Some(&unknown));
    assert_eq!(outcome, Err(RenderError::Unknown("secret.key".into())));
    let open = Override {
        text: "{{job.id".into(),
        ..own
    };
    let outcome = render(JOB, Locale::English, &job(""), Some(&open));
    assert_eq!(outcome, Err(RenderError::Open));
}

#[test]
fn every_template_has_words_in_both_languages() {
    let all = words(&[
        ("user.username", "alice"),
        ("login.ip", "1.2.3.4"),
        ("shared_by.username", "bob"),
        ("agent.name", "gpu-01"),
        ("host.problem", "disk"),
        ("host.description", "/ is 97% full"),
        ("share.target", "p"),
        ("batch.name", "b"),
        ("job.id", "j"),
        ("idle.minutes", "30"),
        ("act.stop_url", "https://argus.example/stop"),
        ("stall.minutes", "15"),
        ("loss.ratio", "2.00"),
        ("recovered.gpu", "j"),
        ("memory.line", "CUDA out of memory"),
        ("notes.count", "2"),
        ("link.url", "https://argus.example"),
        ("link.batch_url", "https://argus.example/batches/b"),
    ]);
    for template in Template::all() {
        let english = render(template, Locale::English, &all, None).expect("fills");
        let chinese = render(template, Locale::Chinese, &all, None).expect("fills");
        assert!(english.subject.is_ascii() || english.subject.contains('×'));
        assert!(
            chinese.text.chars().any(|c| c as u32 > 0x2e80),
            "{template:?}"
        );
        for mail in [english, chinese] {
            assert!(
                !mail.subject.is_empty() && mail.text.contains("https://"),
                "{template:?}"
            );
            assert!(mail.html.contains("<a href="), "{template:?}");
        }
    }
}

#[test]
fn the_way_out_is_in_both_parts() {
    let mail = render(JOB, Locale::English, &job("e"), None).expect("fills");
    let mail = with_unsubscribe(mail, Locale::English, "https://argus.example/u?token=a&b");
    assert!(
        mail.text
            .ends_with("Stop these mails: https://argus.example/u?token=a&b\n")
    );
    assert!(mail.html.contains("token=a&amp;b") && mail.html.ends_with("</body></html>\n"));
}
