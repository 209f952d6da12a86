//! `argus-watchdog`; see its `--help`.

fn main() -> std::process::ExitCode {
    argus_watchdog::cli::main()
}
