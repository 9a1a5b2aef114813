//! No password is shown, whatever is written in a URL's place; and where it is better kept.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use integration_tests::command::{Bindery, answer};
use integration_tests::{mysql, postgres, sqlite};

const NEARLY_RIGHT: [&str; 14] = [
    " postgres://u:s3cret@h/x",
    "postgres:/u:s3cret@h/x",
    "postgres//u:s3cret@h/x",
    "//u:s3cret@h/x",
    "u:s3cret@h/x",
    "u:s3cret@h",
    "'postgres://u:s3cret@h/x'",
    "postgress://u:s3cret@h/x",
    "jdbc:postgresql://h/x?user=u&password=s3cret",
    "host=h user=u password=s3cret",
    "postgres://u:s3cret/x",
    "postgres://u:s3@cret@127.0.0.1:1/s3cret@h",
    "POSTGRES://u:s3cret@127.0.0.1:1/x",
    "mysql://127.0.0.1:1/x?passwrod=s3cret",
];

#[test]
fn no_nearly_right_url_shows_its_password_on_the_command_line() {
    let bindery = Bindery::new("SQLite", sqlite());
    for url in NEARLY_RIGHT {
        let with = format!("--url={url}");
        for arguments in [
            vec![url],
            vec!["list", "books", "--url", url],
            vec!["list", "books", &with],
            vec!["migrate", "run", "--url", url],
            vec!["-vv", "count", "books", "--url", url],
            vec!["list", url],
            vec!["list", "books", url],
            vec!["import", "books", url],
            vec![url, "--url", url],
            vec!["--no-such-option", url],
            vec!["export", "books", "--format", url],
        ] {
            let answer = bindery.run(&arguments);
            assert_ne!(answer.code, 0, "{arguments:?}");
            let said = format!("{}{}", answer.stdout, answer.stderr);
            assert!(!said.is_empty(), "{arguments:?}");
            let is_shown = said.contains("s3cret") || said.contains("s3@cret");
            assert!(!is_shown && !said.contains("cret@"), "{arguments:?}: {said}");
        }
        let mut command = bindery.command(&["count", "books"]);
        let said = answer(command.env("BINDERY_URL", url));
        assert!(!said.stderr.contains("s3cret"), "{url}: {said:?}");
        // Nothing of the kind is a file that is made.
        let made: Vec<_> = std::fs::read_dir(bindery.path("")).unwrap().collect();
        assert!(made.iter().all(|made| {
            let name = made.as_ref().unwrap().file_name();
            !name.to_string_lossy().contains("s3cret")
        }));
    }
}

/// The URL without its password, and the password.
fn without_password(url: &str) -> (String, String) {
    let (user, rest) = url.rsplit_once('@').unwrap();
    let (user, password) = user.rsplit_once(':').unwrap();
    (format!("{user}@{rest}"), password.to_owned())
}

#[test]
fn the_password_of_postgres_may_be_in_a_file_or_a_variable() {
    let bindery = Bindery::new("PostgreSQL", postgres());
    bindery.succeeds(&["migrate", "run"]);
    let (url, password) = without_password(bindery.database.url());
    let arguments = ["count", "books", "--url", &url];
    let said = bindery.fails(6, &arguments);
    assert!(said.contains("password"), "{said}");

    let mut command = bindery.command(&arguments);
    let counted = answer(command.env("PGPASSWORD", &password));
    assert_eq!((counted.code, counted.stdout.as_str()), (0, "0\n"), "{counted:?}");

    let file = bindery.path(".pgpass");
    std::fs::write(&file, format!("*:*:*:*:{password}\n")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, mode).unwrap();
    let counted = answer(bindery.command(&arguments).env("PGPASSFILE", &file));
    assert_eq!((counted.code, counted.stdout.as_str()), (0, "0\n"), "{counted:?}");
}

#[test]
fn the_password_of_mysql_may_be_in_a_variable() {
    let bindery = Bindery::new("MySQL", mysql());
    bindery.succeeds(&["migrate", "run"]);
    let (url, password) = without_password(bindery.database.url());
    // As a part of the whole URL: `BINDERY_URL`, which these tests set.
    assert_eq!(bindery.succeeds(&["count", "books"]), "0\n");
    let counted =
        answer(bindery.command(&["count", "books", "--url", &url]).env("MYSQL_PWD", &password));
    assert_eq!((counted.code, counted.stdout.as_str()), (0, "0\n"), "{counted:?}");
}
