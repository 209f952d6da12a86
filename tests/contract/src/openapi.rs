//! The document is made from the routes; the committed copy is what everybody else builds on.

use serde_json::Value;

#[test]
fn the_document_matches_the_routes() {
    let path = crate::root().join("tests/contract/openapi.json");
    let document = serde_json::to_value(argus_local::mount::document()).expect("serialises");
    let text = serde_json::to_string_pretty(&document).expect("serialises") + "\n";
    // The only writer of the committed copy is a person who asked for it.
    let update = runtime::vars::environment("UPDATE_OPENAPI").is_some();
    if update {
        std::fs::write(&path, &text).expect("written");
        return;
    }
    let committed = std::fs::read_to_string(&path).expect("tests/contract/openapi.json");
    let committed: Value = serde_json::from_str(&committed).expect("JSON");
    assert!(
        committed == document,
        "routes changed: run `make openapi` and commit the result"
    );
}

#[test]
fn every_operation_says_what_it_does() {
    let document = serde_json::to_value(argus_local::mount::document()).expect("serialises");
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let words = operation["summary"]
                .as_str()
                .or(operation["description"].as_str());
            assert!(
                words.is_some_and(|w| !w.is_empty()),
                "{method} {path} has no description"
            );
            let answers = operation["responses"]
                .as_object()
                .map_or(0, serde_json::Map::len);
            assert!(answers > 0, "{method} {path} declares no answer");
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = serde_json::to_value(argus_local::mount::document()).expect("serialises");
    let mut named = std::collections::BTreeMap::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name");
            let other = named.insert(name.to_owned(), format!("{method} {path}"));
            assert_eq!(other, None, "{method} {path} is called {name} too");
        }
    }
}
