//! Formats of keys.

use super::*;

#[test]
fn parts_cannot_run_together() {
    assert_ne!(
        chunk_partition(Detail::Epochs, "a#b", "c"),
        chunk_partition(Detail::Epochs, "a", "b#c")
    );
    assert_ne!(job("a", "x%23y"), job("a", "x#y"));
}

#[test]
fn the_longest_ids_fit_a_sort_key() {
    let id = "\u{1F600}".repeat(256);
    assert!(job(&id[..128 * 4], &id).sk.len() <= 1024);
    assert!(chunk_partition(Detail::Logs, &id, &id).len() <= 2048);
    assert!(marker("b", &"#".repeat(64)).sk.len() <= 1024);
    assert!(host_by_name(u64::MAX, &"#".repeat(300)).len() <= 1024);
}

#[test]
fn the_formats_are_agreed() {
    let all = [
        batch("b"),
        job("b", "j#1"),
        marker("b", "e"),
        chunk(Detail::Logs, "b", "", 7),
        feed("b", 8),
        session(1, "s"),
        token(1, 2),
        host(1, "gpu#1"),
        hidden_host("vm"),
        pins(1),
        star(1, StarTarget::Project, "a#b"),
        artifact_entry("b", "j", 3),
        artifact_usage("b", ""),
        parked(1, 4),
        project("p#1"),
        member("p", 2),
        membership(2, "p"),
        granted_batch(2, "b"),
        granted_owner(2, 1, "p"),
        owner_share(1, "p", 2),
        batch_share("b", 2),
        recipient("p", 3),
        recipient_claim("p", "a@b.c"),
        limit("login", "10.0.0.1"),
        login_lock("5", "10.0.0.1"),
        closing(5),
        outbox(Timestamp(5), 6),
        dead_letter(7),
        outbox_count("2026-11-21", "13:05"),
        spent("2026-11-21", 7),
        host_rate(Some(1), "gpu#1"),
        watch("b"),
        failures("b"),
    ]
    .map(|k| format!("{} {}", k.pk, k.sk));
    assert_eq!(
        all,
        [
            "B#b B",
            "B#b J#j%231",
            "B#b M#e",
            "L#b# 0000000000000007",
            "F#b 0000000000000008",
            "U#1 S#s",
            "U#1 T#0000000000000002",
            "HO#1 gpu%231",
            "HIDDEN vm",
            "U#1 PINS",
            "U#1 ST#project#a%23b",
            "A#b J#j#0000000000000003",
            "A#b U#",
            "AP#1 0000000000000004",
            "P#p%231 P",
            "P#p M#0000000000000002",
            "U#2 G#P#p",
            "U#2 G#B#b",
            "U#2 G#O#1#p",
            "U#1 GS#p#0000000000000002",
            "B#b SH#0000000000000002",
            "P#p R#0000000000000003",
            "P#p RE#a@b.c",
            "LM#login#10.0.0.1 =",
            "LL#5 10.0.0.1",
            "CLOSING 0000000000000005",
            "OUTBOX 0000000000000005#0000000000000006",
            "DEAD 0000000000000007",
            "OC#2026-11-21 13:05",
            "SPENT#2026-11-21 0000000000000007",
            "U#1 HR#gpu%231",
            "B#b W",
            "FAILURES b",
        ]
    );
}

#[test]
fn a_position_leads_back_to_its_batch() {
    for id in ["b", "a#b%", &"x".repeat(400)] {
        let position = batch_by_start(Timestamp(1_795_000_000_000), id);
        assert_eq!(batch_at(&position), Some(batch(id)));
    }
}
