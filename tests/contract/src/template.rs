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
