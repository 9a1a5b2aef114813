//! A disk that takes no more is an error in words, whatever is written.

use integration_tests::command::{answer, on_sqlite};
use std::process::Command;

const FORMATS: [&str; 6] = ["csv", "tsv", "json", "jsonl", "sql", "xlsx"];

#[test]
fn an_output_that_takes_no_more_ends_the_export_with_its_reason() {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "2000"]);
    for format in FORMATS {
        let mut command = bindery.command(&["export", "books", "--format", format]);
        command.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        let answer = answer(&mut command);
        assert_eq!(answer.code, 1, "{format}: {answer:?}");
        assert_eq!(
            answer.stderr, "bindery: cannot export books: No space left on device (os error 28)\n",
            "{format}"
        );
    }
}

#[test]
fn files_that_may_not_grow_end_the_export_with_its_reason() {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "20000"]);
    for format in FORMATS {
        let program = bindery.command(&["export"]).get_program().to_owned();
        let output = format!("books.{format}");
        // Without the signal, a file that grows beyond the limit is an error of the writer.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$@\"", "sh"])
            .arg(program)
            .args(["export", "books", "--output", &output])
            .current_dir(bindery.path(""))
            .env("BINDERY_URL", bindery.database.url());
        let answer = answer(&mut command);
        assert_eq!(answer.code, 1, "{format}: {answer:?}");
        assert!(answer.stderr.contains("File too large"), "{format}: {answer:?}");
        assert_eq!(answer.stderr.lines().count(), 1, "{format}: {answer:?}");
        assert!(!bindery.path(&output).exists(), "{format}");
        let left = std::fs::read_dir(bindery.path("")).unwrap();
        assert_eq!(
            left.filter(|file| file.as_ref().is_ok_and(|file| file.path().is_file())).count(),
            0
        );
    }
}
