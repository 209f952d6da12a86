//! The protocol without a server behind it.

use super::*;

fn server(may_write: bool) -> Server {
    Server {
        settings: Settings::find(Some("http://127.0.0.1:9"), "1.2.3"),
        may_write,
    }
}

fn names(may_write: bool) -> Vec<String> {
    let asked = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let answer = server(may_write).hear(asked).expect("an answer");
    let tools = answer["result"]["tools"].as_array().expect("tools").clone();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().expect("name").to_owned())
        .collect()
}

#[test]
fn it_introduces_itself_in_a_version_both_know() {
    let hello = |version: &str| {
        let asked = json!({"jsonrpc": "2.0", "id": "a", "method": "initialize",
            "params": {"protocolVersion": version, "capabilities": {}}});
        let answer = server(false).hear(&asked.to_string()).expect("an answer");
        assert_eq!(answer["id"], "a");
        assert_eq!(answer["result"]["serverInfo"]["version"], "1.2.3");
        answer["result"]["protocolVersion"]
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(hello("2024-11-05").as_deref(), Some("2024-11-05"));
    assert_eq!(hello("1999-01-01").as_deref(), Some(VERSIONS[0]));
}

#[test]
fn notifications_and_answers_are_heard_in_silence() {
    let heard = [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":4,"result":{}}"#,
    ];
    assert!(heard.iter().all(|line| server(false).hear(line).is_none()));
}

#[test]
fn nonsense_gets_the_codes_of_the_standard() {
    let code = |line: &str| server(false).hear(line).expect("an answer")["error"]["code"].clone();
    assert_eq!(code("{"), PARSE_ERROR);
    assert_eq!(code(r#"{"jsonrpc":"2.0","id":1}"#), INVALID_REQUEST);
    let unknown = r#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#;
    assert_eq!(code(unknown), METHOD_NOT_FOUND);
}

#[test]
fn writing_is_offered_only_where_it_is_allowed() {
    assert!(!names(false).iter().any(|n| n == "stop_run" || n == "rerun"));
    assert!(names(true).iter().any(|n| n == "stop_run"));
    let asked = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"stop_run","arguments":{"run":"b"}}}"#;
    let answer = server(false).hear(asked).expect("an answer");
    assert_eq!(answer["result"]["isError"], true);
}

#[test]
fn wrong_arguments_are_explained_to_the_assistant() {
    let told = |arguments: &str| {
        let asked = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"get_metrics","arguments":{arguments}}}}}"#
        );
        let answer = server(false).hear(&asked).expect("an answer");
        answer["result"]["content"][0]["text"]
            .as_str()
            .map(str::to_owned)
            .expect("text")
    };
    assert_eq!(told(r#"{"run":"b"}"#), "job: string expected");
    assert_eq!(told(r#"{"run":"b","job":7}"#), "job: string expected");
    assert_eq!(
        told(r#"{"run":"b","job":"j","colour":1}"#),
        "get_metrics has no argument colour"
    );
}
