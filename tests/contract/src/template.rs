//! Code and deployment template: routes, variables, table.

use std::collections::BTreeSet;

fn template() -> String {
    std::fs::read_to_string(crate::root().join("infra/template.yaml")).expect("the template")
}

/// Every quoted value after `key`.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    text.split(key)
        .skip(1)
        .filter_map(|rest| rest.split('"').nth(1))
        .collect()
}

/// Whether an API Gateway route key serves an operation.
fn serves(route: &str, method: &str, path: &str) -> bool {
    let Some((route_method, route_path)) = route.split_once(' ') else {
        return false;
    };
    if route_method != "ANY" && route_method != method {
        return false;
    }
    match route_path.strip_suffix("{proxy+}") {
        Some(prefix) => path.starts_with(prefix) && path.len() > prefix.len(),
        None => route_path == path,
    }
}

#[test]
fn every_operation_has_a_route() {
    let template = template();
    let routes = values(&template, "RouteKey: ");
    assert!(routes.len() > 5, "{routes:?}");
    let document = serde_json::to_value(argus_local::mount::document()).expect("serialises");
    let mut unserved = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            let method = method.to_uppercase();
            // Streams leave through the function's own address.
            let streamed = path == "/api/sse" && template.contains("InvokeMode: RESPONSE_STREAM");
            if !streamed && !routes.iter().any(|route| serves(route, &method, path)) {
                unserved.push(format!("{method} {path}"));
            }
        }
    }
    assert!(
        unserved.is_empty(),
        "no route in infra/template.yaml: {unserved:?}"
    );
}

#[test]
fn every_variable_has_a_reader() {
    let known: BTreeSet<&str> = runtime::vars::ALL.iter().map(|var| var.name).collect();
    for line in template().lines() {
        let name = line.trim().split(':').next().unwrap_or_default();
        if name.starts_with("ARGUS_") {
            assert!(
                known.contains(name),
                "{name} is set in the template but read nowhere"
            );
        }
    }
}

#[test]
fn the_table_is_the_same() {
    let template = template();
    for index in [store::schema::GSI1, store::schema::GSI2] {
        assert!(template.contains(&format!("IndexName: {index}")), "{index}");
        for end in ["pk", "sk"] {
            assert!(
                template.contains(&format!("AttributeName: {index}{end}")),
                "{index}{end}"
            );
        }
    }
    assert!(template.contains(&format!("AttributeName: {}", store::schema::TTL)));
    assert!(!template.contains("dynamodb:Scan"), "nothing scans");
}

#[test]
fn every_route_serves_an_operation() {
    let template = template();
    let document = serde_json::to_value(argus_local::mount::document()).expect("serialises");
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("operations").keys() {
            operations.push((method.to_uppercase(), path.as_str()));
        }
    }
    for route in values(&template, "RouteKey: ") {
        // Documents about the operations are none themselves.
        let about = ["GET /openapi.json", "GET /health", "GET /docs"].contains(&route);
        // The address older descriptions give the same operations.
        let one_name = route.replace("/api/oauth/", "/api/auth/oauth/");
        let used = operations
            .iter()
            .any(|(method, path)| serves(&one_name, method, path));
        assert!(
            used || about || route == "$default",
            "{route} leads to nothing"
        );
    }
}

/// All Rust sources below these folders, as one text.
fn sources(folders: &[&str]) -> String {
    let mut text = String::new();
    let mut waiting: Vec<_> = folders.iter().map(|f| crate::root().join(f)).collect();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let is_vars = path.ends_with("runtime/src/vars.rs");
            match path.extension() {
                _ if path.is_dir() => waiting.push(path),
                Some(kind) if kind == "rs" && !is_vars => {
                    text += &std::fs::read_to_string(path).expect("text");
                }
                _ => {}
            }
        }
    }
    text
}

#[test]
fn every_variable_of_the_server_is_asked_for() {
    let vars = std::fs::read_to_string(crate::root().join("shared/runtime/src/vars.rs"));
    let vars = vars.expect("the list of variables");
    let code = sources(&["shared", "functions", "localstack"]);
    let mut counted = 0;
    for line in vars.lines() {
        let Some((constant, _)) = line.trim().split_once(" = \"") else {
            continue;
        };
        if constant
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
        {
            counted += 1;
            let asked = code.contains(&format!("vars::{constant}"));
            assert!(asked, "nobody reads {constant}");
        }
    }
    assert_eq!(counted, runtime::vars::ALL.len());
}

#[test]
fn every_attribute_and_index_of_the_table_is_used() {
    let template = template();
    let code = sources(&["shared/store/src"]);
    let names = |key: &str| -> BTreeSet<String> {
        let after = template.split(key).skip(1);
        let word = after.map(|rest| {
            let word = rest.chars().take_while(|c| c.is_ascii_alphanumeric());
            word.collect::<String>()
        });
        word.collect()
    };
    let attributes = names("AttributeName: ");
    assert!(attributes.len() >= 7, "{attributes:?}");
    for attribute in attributes {
        assert!(
            code.contains(&format!("\"{attribute}\"")),
            "nobody writes {attribute}"
        );
    }
    for index in names("IndexName: ") {
        let constant = index.to_uppercase();
        let asked = [
            format!("index({constant}"),
            format!("index_name({constant}"),
        ];
        assert!(
            asked.iter().any(|call| code.contains(call)),
            "nobody asks {index}"
        );
    }
}
