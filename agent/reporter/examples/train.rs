//! A training loop that reports: `ARGUS_URL=… ARGUS_TOKEN=… cargo run -p argus-reporter --example train`.
//!
//! Fits a line to noisy points by gradient descent, twice, and stops when somebody says so.

use argus_reporter::{Epoch, Reporter};

fn main() {
    let batch = Reporter::builder("line")
        .project("examples")
        .experiment_type("regression")
        .n_total(2)
        .start();
    println!("reporting {}", batch.batch_id());
    for lr in [0.1, 0.5] {
        let job = batch
            .job(&format!("lr-{lr}"))
            .model("line")
            .dataset("noise")
            .with("lr", lr)
            .start();
        let (mut slope, mut last) = (0.0, f64::NAN);
        for epoch in 0..200 {
            if job.stopped() {
                break;
            }
            let (loss, gradient) = step(slope);
            slope -= lr * gradient;
            last = loss;
            job.epoch(Epoch {
                epoch,
                train_loss: Some(loss),
                lr: Some(lr),
                extra: &[("slope", slope)],
                ..Epoch::default()
            });
        }
        job.log("info", &format!("slope {slope:.3}"));
        job.metric("MSE", last);
        job.done();
    }
    if !batch.finish() {
        println!("not everything was sent; the next reporter on this host brings it");
    }
}

/// Loss and its gradient for points around `y = 3x`.
fn step(slope: f64) -> (f64, f64) {
    let points = (0..100).map(|i| {
        let x = f64::from(i) / 100.0;
        let noise = (f64::from(i) * 12.9898).sin() * 0.1;
        (x, 3.0 * x + noise)
    });
    points.fold((0.0, 0.0), |(loss, gradient), (x, y)| {
        let error = slope * x - y;
        (
            loss + error * error / 100.0,
            gradient + 2.0 * error * x / 100.0,
        )
    })
}
