//! What becomes of messages, over embedded engines and strict servers on the loopback.

mod channels;
mod outbox;
mod project_channels;
mod receiver;
mod ses;
mod settings;
mod setup;
mod smtp;
mod smtp_server;
mod stage;
mod taps;
mod telling;
