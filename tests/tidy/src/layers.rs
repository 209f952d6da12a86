//! Who may depend on whom.

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use std::collections::BTreeSet;

/// Our crates a crate may depend on, and outside crates it must not.
struct Layer {
    name: &'static str,
    ours: &'static [&'static str],
    never: &'static [&'static str],
}

const AWS: &[&str] = &["aws-config", "aws-sdk-dynamodb", "aws-sdk-s3"];
/// What has no place in a program of a few megabytes.
const HEAVY: &[&str] = &["axum", "tokio", "hyper", "aws-config"];
const FUNCTION: &[&str] = &[
    "argus-web",
    "argus-runtime",
    "argus-wire",
    "argus-store",
    "argus-domain",
    "argus-auth",
];

const MAILING: &[&str] = &[
    "argus-web",
    "argus-runtime",
    "argus-wire",
    "argus-store",
    "argus-domain",
    "argus-auth",
    "argus-mail",
    "argus-notify",
];

const ADMINISTRATION: &[&str] = &[
    // Sends the very mails people ask for themselves.
    "api-auth",
    // Delete many by the rules of one.
    "api-hosts",
    "api-projects",
    // Sweeps at once, or tells what a sweep would do.
    "cron-retention",
    "argus-web",
    "argus-runtime",
    "argus-wire",
    "argus-store",
    "argus-domain",
    "argus-mail",
];

const SPILL: &[&str] = &[
    "api-ingest",
    "argus-runtime",
    "argus-wire",
    "argus-store",
    "argus-domain",
];

const MAILER: &[&str] = &[
    "argus-auth",
    "argus-runtime",
    "argus-store",
    "argus-mail",
    "argus-notify",
    "argus-reach",
    "argus-wire",
    "argus-domain",
];

const GUARDRAILS: &[&str] = &[
    "argus-reach",
    "argus-runtime",
    "argus-store",
    "argus-wire",
    "argus-domain",
];

const SWEEP: &[&str] = &["argus-runtime", "argus-store", "argus-domain"];

const LAYERS: &[Layer] = &[
    Layer {
        name: "argus-domain",
        ours: &[],
        never: &[
            "tokio",
            "serde_json",
            "aws-config",
            "aws-sdk-dynamodb",
            "axum",
            "getrandom",
        ],
    },
    Layer {
        name: "argus-wire",
        ours: &["argus-domain"],
        never: &["axum", "tokio", "aws-sdk-dynamodb"],
    },
    Layer {
        name: "argus-auth",
        ours: &["argus-domain"],
        never: &["axum", "tokio", "aws-sdk-dynamodb"],
    },
    Layer {
        name: "argus-mail",
        ours: &["argus-domain", "argus-wire"],
        never: &["axum", "aws-sdk-dynamodb"],
    },
    Layer {
        name: "argus-notify",
        ours: &["argus-domain", "argus-wire"],
        never: &["axum", "tokio", "aws-sdk-dynamodb"],
    },
    Layer {
        name: "argus-reach",
        ours: &["argus-notify"],
        never: &["axum", "aws-sdk-dynamodb"],
    },
    Layer {
        name: "argus-client",
        // Host programs are small: no async runtime comes in with it.
        ours: &[],
        never: HEAVY,
    },
    Layer {
        name: "argus-store",
        ours: &["argus-domain"],
        never: &["axum", "lambda_http"],
    },
    Layer {
        name: "argus-runtime",
        ours: &[
            "argus-domain",
            "argus-store",
            "argus-auth",
            "argus-mail",
            "argus-wire",
        ],
        never: &["axum"],
    },
    Layer {
        name: "argus-web",
        ours: &[
            "argus-runtime",
            "argus-wire",
            "argus-auth",
            "argus-domain",
            "argus-store",
        ],
        never: AWS,
    },
    Layer {
        name: "api-auth",
        ours: MAILING,
        never: AWS,
    },
    Layer {
        name: "api-account",
        // Checks channels by the rules they are called with.
        ours: MAILING,
        never: AWS,
    },
    Layer {
        name: "api-ingest",
        ours: FUNCTION,
        never: AWS,
    },
    Layer {
        name: "api-batches",
        ours: FUNCTION,
        never: AWS,
    },
    Layer {
        name: "api-hosts",
        ours: FUNCTION,
        never: AWS,
    },
    Layer {
        name: "api-projects",
        ours: FUNCTION,
        never: AWS,
    },
    Layer {
        name: "api-sharing",
        ours: FUNCTION,
        never: AWS,
    },
    Layer {
        name: "api-dashboard",
        ours: FUNCTION,
        never: AWS,
    },
    Layer {
        name: "api-artifacts",
        ours: FUNCTION,
        never: AWS,
    },
    Layer {
        name: "api-admin",
        ours: ADMINISTRATION,
        never: AWS,
    },
    Layer {
        name: "s3-spill",
        // It replays through the very intake of live events.
        ours: SPILL,
        never: AWS,
    },
    Layer {
        name: "cron-mailer",
        ours: MAILER,
        never: AWS,
    },
    Layer {
        name: "cron-guardrails",
        ours: GUARDRAILS,
        never: AWS,
    },
    Layer {
        name: "cron-retention",
        ours: SWEEP,
        never: AWS,
    },
    Layer {
        name: "sse-events",
        ours: FUNCTION,
        never: AWS,
    },
    Layer {
        name: "argus-calendar",
        ours: &[],
        never: HEAVY,
    },
    Layer {
        name: "argus-packages",
        ours: &[],
        never: HEAVY,
    },
    Layer {
        name: "argus-redact",
        ours: &[],
        never: HEAVY,
    },
    Layer {
        name: "argus-policy",
        ours: &[],
        never: HEAVY,
    },
    Layer {
        name: "argus-agent",
        // A host knows the protocol and its own rules, nothing of the server's insides.
        ours: &[
            "argus-client",
            "argus-packages",
            "argus-policy",
            "argus-redact",
        ],
        never: HEAVY,
    },
    Layer {
        name: "argus-directory",
        ours: &[],
        never: &["tokio"],
    },
    Layer {
        name: "argus-engine-dynamodb",
        ours: &["argus-directory"],
        never: &["axum"],
    },
    Layer {
        name: "argus-engine-s3",
        ours: &["argus-directory"],
        never: &["axum"],
    },
    Layer {
        name: "argus-probe",
        ours: &[],
        never: &["tokio", "axum", "serde_json", "aws-config"],
    },
    Layer {
        name: "argus-watchdog",
        ours: &[
            "argus-calendar",
            "argus-client",
            "argus-probe",
            "argus-redact",
        ],
        never: &["tokio", "axum", "hyper", "aws-config"],
    },
    Layer {
        // Lives inside training scripts.
        name: "argus-reporter",
        ours: &[
            "argus-calendar",
            "argus-packages",
            "argus-probe",
            "argus-redact",
        ],
        never: &["tokio", "axum", "aws-config", "utoipa"],
    },
    Layer {
        name: "argus-cli",
        ours: &["argus-calendar", "argus-reporter", "argus-redact"],
        never: &["tokio", "axum", "aws-config"],
    },
    Layer {
        name: "argus-python",
        ours: &["argus-reporter", "argus-cli"],
        never: &["tokio", "axum", "aws-config"],
    },
    Layer {
        name: "argus-conformance",
        ours: &["argus-engine-dynamodb", "argus-engine-s3"],
        never: &[],
    },
];

fn workspace() -> Vec<Package> {
    let mut command = MetadataCommand::new();
    command
        .current_dir(crate::root())
        .no_deps()
        .other_options(["--offline".to_owned()]);
    command.exec().expect("cargo metadata").packages
}

fn ours(package: &Package) -> BTreeSet<&str> {
    package
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal && d.path.is_some())
        .map(|d| d.name.as_str())
        .collect()
}

#[test]
fn imports_follow_the_layers() {
    let packages = workspace();
    let mut broken = Vec::new();
    for layer in LAYERS {
        let package = packages.iter().find(|p| p.name.as_str() == layer.name);
        let package = package.unwrap_or_else(|| panic!("{} is gone: drop its row", layer.name));
        for dependency in ours(package) {
            if !layer.ours.contains(&dependency) {
                broken.push(format!("{} must not depend on {dependency}", layer.name));
            }
        }
        for dependency in package
            .dependencies
            .iter()
            .filter(|d| d.kind == DependencyKind::Normal)
        {
            if layer.never.contains(&dependency.name.as_str()) {
                broken.push(format!("{} must not use {}", layer.name, dependency.name));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_function_and_library_has_a_row() {
    let packages = workspace();
    for package in &packages {
        let path = package.manifest_path.as_str();
        let judged = ["/shared/", "/functions/"]
            .iter()
            .any(|folder| path.contains(folder));
        let has_row = LAYERS.iter().any(|l| l.name == package.name.as_str());
        assert!(
            !judged || has_row,
            "{} has no row in the table of layers",
            package.name
        );
    }
}
