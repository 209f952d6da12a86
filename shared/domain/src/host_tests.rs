//! Windows and buckets.

use super::*;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

#[test]
fn windows_are_read_as_clients_write_them() {
    for (text, secs) in [
        (Some("now-2h"), 7200),
        (Some("NOW-90M"), 5400),
        (Some("now-15s"), 15),
        (None, 3600),
        (Some(""), 3600),
        (Some("yesterday"), 3600),
        (Some("now-h"), 3600),
        (Some("now--1h"), 3600),
        (Some("now-1d"), 3600),
    ] {
        assert_eq!(window_start(text, NOW), NOW.plus_secs(-secs), "{text:?}");
    }
    let instant = window_start(Some("2026-11-21T04:20:39Z"), NOW);
    assert_eq!(instant, Timestamp(1_795_234_839_000));
    for text in ["now-99999999999h", "now-99999999999999999999999s"] {
        assert_eq!(window_start(Some(text), NOW), Timestamp(0), "{text}");
    }
}

#[test]
fn words_and_gauges_of_metrics() {
    for word in ["gpu_mem_mb", "gpu_util_pct", "cpu_util_pct", "ram_mb"] {
        assert_eq!(HostMetric::parse(word).as_str(), word);
    }
    assert_eq!(HostMetric::parse("disk"), HostMetric::GpuMem);
    assert_eq!(HostMetric::GpuUtil.process_gauge(), "proc_cpu_pct");
    assert_eq!(HostMetric::CpuUtil.capacity_gauge(), None);
}

#[test]
fn totals_are_means_and_batches_are_sums() {
    let reading = |secs, batch: &str, host, process| Reading {
        at: Timestamp(0).plus_secs(secs),
        batch: batch.to_owned(),
        host,
        process,
    };
    let found = buckets(
        [
            reading(119, "b", Some(30.0), Some(1.0)),
            reading(60, "a", Some(10.0), Some(2.0)),
            reading(61, "a", None, Some(3.0)),
            reading(59, "a", None, Some(f64::NAN)),
        ],
        60,
    );
    let expected = [
        Bucket {
            start: Timestamp(0),
            total: None,
            by_batch: BTreeMap::new(),
        },
        Bucket {
            start: Timestamp(60_000),
            total: Some(20.0),
            by_batch: [("a".to_owned(), 5.0), ("b".to_owned(), 1.0)].into(),
        },
    ];
    assert_eq!(found, expected);
}

#[test]
fn online_and_quiet_have_sharp_edges() {
    let seen = |secs: i64| NOW.plus_secs(-secs);
    assert!(is_online(seen(300), NOW) && !is_online(seen(301), NOW));
    assert!(!is_quiet(seen(600), NOW) && is_quiet(seen(601), NOW));
}

proptest! {
    #[test]
    fn every_reading_is_in_exactly_one_bucket(
        points in prop::collection::vec((0i64..20_000_000, 0usize..3, 0u32..1000), 0..200),
        width in 10i64..=3600,
    ) {
        let readings: Vec<Reading> = points
            .iter()
            .map(|(ms, batch, value)| Reading {
                at: Timestamp(*ms),
                batch: batch.to_string(),
                host: Some(f64::from(*value)),
                process: Some(f64::from(*value)),
            })
            .collect();
        let found = buckets(readings.clone(), width);
        prop_assert!(found.windows(2).all(|w| w[0].start < w[1].start));
        let mut batch_sum = 0.0;
        for bucket in &found {
            prop_assert_eq!(bucket.start.secs() % width, 0);
            let end = bucket.start.plus_secs(width);
            let inside: Vec<f64> = readings
                .iter()
                .filter(|r| r.at >= bucket.start && r.at < end)
                .filter_map(|r| r.host)
                .collect();
            prop_assert!(!inside.is_empty());
            let mean = inside.iter().sum::<f64>() / inside.len() as f64;
            prop_assert!((bucket.total.expect("has readings") - mean).abs() < 1e-6);
            batch_sum += bucket.by_batch.values().sum::<f64>();
        }
        let all: f64 = readings.iter().filter_map(|r| r.process).sum();
        prop_assert!((batch_sum - all).abs() < 1e-6);
    }
}
