//! What a command line tells its program to run. An interpreter that gets code as an argument is
//! a shell by another name, so it matters where the code comes from.

use std::path::{Path, PathBuf};

/// Where the code comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// The program itself is the code.
    Itself,
    /// A file, as named on the command line.
    File(PathBuf),
    /// A Python module.
    Module(String),
    /// The command line.
    Inline,
    /// Nowhere one could name: an option this version cannot read.
    Unclear(String),
}

/// Programs that run what others tell them, by the name of the file.
const SHELLS: [&str; 24] = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh", "busybox", "toybox",
    "env", "xargs", "sudo", "su", "doas", "perl", "ruby", "node", "awk", "gawk", "eval", "ssh",
];

/// Whether a file of this name is a shell or runs programs named by its arguments.
pub(crate) fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

/// Name of the file a path ends in.
pub(crate) fn file_name(path: &str) -> &str {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path)
}

fn is_python(name: &str) -> bool {
    let version = name.strip_prefix("python").or(name.strip_prefix("pypy"));
    version.is_some_and(|v| v.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// Reads a command line.
pub fn script_of(argv: &[String]) -> Script {
    let Some((program, args)) = argv.split_first() else {
        return Script::Unclear("there is no command".to_owned());
    };
    match file_name(program) {
        name if is_python(name) => python(args),
        "torchrun" => torchrun(args),
        _ => Script::Itself,
    }
}

/// Options of Python without a value, and those whose value may be the next argument.
const PLAIN: &str = "bBdEhiIOPqsSuvVx";
const VALUED: &str = "WX";

fn python(args: &[String]) -> Script {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(letters) = arg.strip_prefix('-') else {
            return Script::File(PathBuf::from(arg));
        };
        if letters.is_empty() {
            return Script::Inline;
        }
        if letters.starts_with('-') {
            return Script::Unclear(format!("the option {arg} of Python"));
        }
        for (at, letter) in letters.char_indices() {
            let rest = &letters[at + letter.len_utf8()..];
            match letter {
                'c' => return Script::Inline,
                'm' => {
                    let module = match rest {
                        "" => args.next().cloned(),
                        named => Some(named.to_owned()),
                    };
                    return module.map_or(Script::Inline, Script::Module);
                }
                letter if VALUED.contains(letter) => {
                    if rest.is_empty() {
                        args.next();
                    }
                    break;
                }
                letter if PLAIN.contains(letter) => {}
                _ => return Script::Unclear(format!("the option {arg} of Python")),
            }
        }
    }
    // No script: Python reads code from its input.
    Script::Inline
}

/// The launcher takes a script, a module (`-m`) or any program (`--no-python`, which its parser
/// also takes shortened). Only the plain form can be read without knowing all of its options.
fn torchrun(args: &[String]) -> Script {
    for arg in args {
        let option = arg.replace('_', "-");
        if option.starts_with("--n") && "--no-python".starts_with(option.as_str())
            || option.starts_with("--no-p")
            || option == "-m"
            || option.len() > 2 && "--module".starts_with(option.as_str())
        {
            return Script::Unclear(format!("the option {arg} of torchrun"));
        }
        if !arg.starts_with('-') && arg.ends_with(".py") {
            return Script::File(PathBuf::from(arg));
        }
    }
    Script::Unclear("torchrun without a script".to_owned())
}

impl Script {
    /// Files a module may be, below the folder of the run.
    pub fn module_files(name: &str) -> [PathBuf; 2] {
        let path: PathBuf = name.split('.').collect();
        [path.with_extension("py"), path.join("__main__.py")]
    }

    /// Whether this is the name of a module and of nothing else.
    pub fn is_module_name(name: &str) -> bool {
        name.split('.')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Script {
        let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
        script_of(&argv)
    }

    #[test]
    fn code_is_found_wherever_it_hides() {
        assert_eq!(of("python train.py -c x"), Script::File("train.py".into()));
        assert_eq!(
            of("/v/bin/python3.11 -u -W error a.py"),
            Script::File("a.py".into())
        );
        assert_eq!(of("python -m a.b"), Script::Module("a.b".to_owned()));
        assert_eq!(of("python -Ima.b"), Script::Module("a.b".to_owned()));
        for inline in [
            "python -c x",
            "python -uc x",
            "python -ux",
            "python",
            "python -",
            "python -W c",
        ] {
            assert_eq!(of(inline), Script::Inline, "{inline}");
        }
        assert_eq!(of("torchrun --nnodes 1 t.py"), Script::File("t.py".into()));
        for unclear in [
            "torchrun --no-python sh",
            "torchrun --no_py sh x.py",
            "torchrun --no-python=1 x.py",
            "torchrun --mod x.py",
            "torchrun -m x.py",
            "python --check x.py",
            "python -Z x.py",
        ] {
            assert!(
                matches!(of(unclear), Script::Unclear(_)),
                "{unclear}: {:?}",
                of(unclear)
            );
        }
        assert_eq!(of("./run"), Script::Itself);
    }

    #[test]
    fn a_module_is_no_path() {
        assert!(Script::is_module_name("project.train"));
        for bad in ["..", "a..b", "/etc/x", "a/b", "", "a-b"] {
            assert!(!Script::is_module_name(bad), "{bad}");
        }
    }
}
