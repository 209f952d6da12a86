//! What queries mean, and where their errors point.

use super::*;
use crate::batch::Batch;
use crate::event::JsonFields;
use crate::job::Job;
use crate::testing;
use proptest::prelude::*;

const NOW: Timestamp = testing::START;

fn sample() -> (Batch, Job) {
    let (mut batch, mut job) = (testing::batch("sweep-1"), testing::job("sweep-1", "j"));
    batch.project = "Demo".into();
    batch.host = Some("gpu-07".into());
    batch.n_done = 1;
    batch.tags.insert("baseline".into());
    job.model = Some("patchtst".into());
    job.metrics = Some(JsonFields::from([("val_mse".to_owned(), "0.3".to_owned())]));
    (batch, job)
}

fn holds(text: &str) -> bool {
    let (batch, job) = sample();
    let subject = Subject {
        batch: &batch,
        job: Some(&job),
        owner: Some("ada"),
        lists_jobs: false,
    };
    let query = Query::parse(text, NOW).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    query.holds(&subject)
}

#[test]
fn what_holds_and_what_does_not() {
    for text in [
        "",
        "status:running",
        "STATUS:Running project:demo",
        "status:failed OR (model:patchtst val_mse<0.4)",
        "host~GPU model:patch* -model:*linear",
        "NOT status:done",
        "tag:baseline owner:ada",
        "sweep",
        "\"sweep-1\"",
        "val_mse>=0.3 val_mse<=0.3 val_mse!=0.4",
        "n_done:1 n_failed=0",
        "start>1d start<2030-01-01",
        "metric.val_mse<1 AND status!=failed",
        "unseen!=3 -unseen<3",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        "status:done",
        "project=demo",
        "(model:dlinear OR model:nbeats)",
        "val_mse<0.3",
        "host!~gpu",
        "start<1d",
        "unseen<3",
        "nowhere",
        "name:*",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn errors_point_at_the_character() {
    for (text, at) in [
        ("status:", 7),
        ("a (b", 2),
        ("a)", 1),
        ("name:\"x", 5),
        ("OR a", 0),
        ("a OR", 4),
        ("a OR )", 5),
        ("model<3", 5),
        ("n_done:many", 7),
        ("start:soon", 6),
        ("  colour:red", 2),
        ("NOT", 3),
        (":x", 0),
        ("状态 n_done:x", 10),
    ] {
        let error = Query::parse(text, NOW).expect_err(text);
        assert_eq!(error.at, at, "{text}: {}", error.problem);
    }
    let deep = "(".repeat(100) + "a" + &")".repeat(100);
    assert!(Query::parse(&deep, NOW).is_err());
    assert!(Query::parse(&"a ".repeat(100), NOW).is_err());
    assert!(Query::parse(&"a".repeat(1001), NOW).is_err());
}

#[test]
fn it_knows_what_it_asks_about() {
    let parse = |text| Query::parse(text, NOW).expect("reads");
    assert!(parse("status:done OR -(model:x)").asks_about_jobs());
    assert!(parse("mse<1").asks_about_jobs());
    assert!(!parse("status:done tag:x word").asks_about_jobs());
    assert!(parse("NOT owner:me").asks_about_owner());
}

proptest! {
    #[test]
    fn any_text_gives_a_query_or_a_place_inside_it(text in "[a-z ()\":=~<>!*\\\\0-9ORNOTAND-]{0,60}") {
        if let Err(error) = Query::parse(&text, NOW) {
            prop_assert!(error.at <= text.chars().count());
        }
    }

    #[test]
    fn quoted_text_is_found_whatever_it_is(name in "[^\\p{Cc}]{1,40}") {
        let (mut batch, _) = sample();
        batch.name = Some(name.clone());
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        let query = Query::parse(&format!("name=\"{escaped}\""), NOW).expect("reads");
        let subject = Subject { batch: &batch, job: None, owner: None, lists_jobs: false };
        prop_assert!(query.holds(&subject));
    }
}
