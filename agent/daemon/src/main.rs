//! `argus-agent`: carries out stop and rerun on a training host. See the folder's README.

fn main() -> std::process::ExitCode {
    argus_agent::cli::main()
}
