//! The sign of life to an outside service.

use crate::stage::{Stage, setup};
use std::time::Duration;
use test_kit::app::Setup;
use test_kit::build::batch_start;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A service that answers `status`; tells what it was asked.
async fn outside(status: u16) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (send, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let _ = send.send(head.lines().next().unwrap_or_default().to_owned());
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (format!("http://{address}/ping/secret?x=1"), asked)
}

async fn stage(url: &str, private: bool) -> Stage {
    let stage = Stage::with(Setup {
        variables: vec![
            ("ARGUS_HEARTBEAT_URL", url.to_owned()),
            ("ARGUS_CHANNELS_ALLOW_PRIVATE", private.to_string()),
        ],
        ..setup()
    })
    .await;
    stage.report(batch_start("b")).await;
    stage
}

#[tokio::test]
async fn every_good_look_is_told_outside_and_what_comes_of_it_is_all_the_same() {
    for status in [200, 500] {
        let (url, mut asked) = outside(status).await;
        let stage = stage(&url, true).await;
        stage.look().await;
        stage.look().await;
        for _ in 0..2 {
            let line = asked.recv().await.expect("asked");
            assert_eq!(line, "GET /ping/secret?x=1 HTTP/1.1");
        }
    }
}

#[tokio::test]
async fn private_addresses_are_left_alone_and_nonsense_harms_nothing() {
    let (url, mut asked) = outside(200).await;
    for url in [
        url.as_str(),
        "no address",
        "ftp://example.com",
        "http://127.0.0.1:1/",
    ] {
        let stage = stage(url, false).await;
        assert_eq!(stage.look().await.looked, 1);
    }
    let nothing = tokio::time::timeout(Duration::ZERO, asked.recv()).await;
    assert!(nothing.is_err());
}
