//! The ticket and the presigned PUT, streamed from disk.

use super::file::SpillFile;
use crate::Outcome;
use crate::client::{Client, read};
use futures::TryStreamExt;
use http::{Request, header};
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_util::io::ReaderStream;

/// Bytes read from the file at once.
const PIECE: usize = 256 * 1024;

/// Uploads the file; its id, and how long the bytes took.
pub async fn send(client: &mut Client, host: &str, file: &SpillFile) -> Outcome<(u64, Duration)> {
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    let wish = json!({"filename": name, "size_bytes": file.size});
    let ticket = client.post("/api/events/spill", &wish).await?;
    let url = ticket["url"].as_str().ok_or("no address")?;
    // The address names the server as it is known outside; here it is on loopback.
    let path = url.splitn(4, '/').nth(3).ok_or("no path")?;
    let authority = url.split('/').nth(2).ok_or("no host")?;
    let mut request = Request::builder()
        .method("PUT")
        .uri(format!("/{path}"))
        .header(header::HOST, authority)
        .header(header::CONTENT_LENGTH, file.size);
    for (name, value) in ticket["headers"].as_object().into_iter().flatten() {
        let stands = ["host", "content-length"].contains(&name.to_lowercase().as_str());
        if !stands {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
    }
    let source = tokio::fs::File::open(&file.path).await?;
    let pieces = ReaderStream::with_capacity(source, PIECE).map_ok(Frame::data);
    let stream = TcpStream::connect(host).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let begun = Instant::now();
    let request = request.body(StreamBody::new(pieces))?;
    read("the upload", sender.send_request(request).await?).await?;
    let id = ticket["id"].as_u64().ok_or("no id")?;
    Ok((id, begun.elapsed()))
}
