//! The command line as a program of its own, for development and tests.

fn main() {
    let args = std::env::args().collect();
    std::process::exit(argus_cli::main(args, env!("CARGO_PKG_VERSION")));
}
