//! `masthead user`: the first admin, and passwords that were lost.

use std::io::{BufRead, IsTerminal};

use clap::{Args, Subcommand};

use super::{open, refused_options};
use crate::access::audit::{self, AuditEvent, TargetKind, Via, Who};
use crate::access::auth::password::Passwords;
use crate::access::auth::{Grant, Role, store};
use crate::base::db::{Db, PoolSizes};
use crate::base::error::Error;
use crate::base::http::fields;
use crate::base::http::value_reader::line;
use crate::base::limits;
use crate::cli::print_line;
use crate::config::Config;

#[derive(Subcommand, Debug)]
pub(super) enum UserCommand {
    /// Make a user.
    Create(CreateUser),
    /// Give a user another password, and end their sessions.
    Passwd(SetPassword),
    /// Take a user's second factor away, and end their sessions: for who has lost the app and the recovery codes.
    ResetSecondFactor(ResetSecondFactor),
}

#[derive(Args, Debug)]
pub(super) struct CreateUser {
    /// The e-mail address by which they log in.
    #[arg(long)]
    email: String,
    /// The name that colleagues see. Without it, the part of the address before the @.
    #[arg(long)]
    name: Option<String>,
    /// What they are: admin, publisher, section_editor, journalist, moderator, analyst. The first user is an admin
    /// where nothing is said.
    #[arg(long, value_parser = parse_role)]
    role: Option<Role>,
    /// Read the password from standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args, Debug)]
pub(super) struct SetPassword {
    /// The e-mail address by which they log in.
    #[arg(long)]
    email: String,
    /// Read the password from standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args, Debug)]
pub(super) struct ResetSecondFactor {
    /// The e-mail address by which they log in.
    #[arg(long)]
    email: String,
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| format!("it must be one of {}", Role::WORDS.join(", ")))
}

pub(super) fn run(config: &Config, command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Create(create) => create_user(config, create),
        UserCommand::Passwd(set) => set_password(config, &set),
        UserCommand::ResetSecondFactor(reset) => reset_second_factor(config, &reset),
    }
}

fn create_user(config: &Config, create: CreateUser) -> Result<(), String> {
    let name = create
        .name
        .unwrap_or_else(|| create.email.split('@').next().unwrap_or_default().to_owned());
    let body = serde_json::json!({"email": create.email, "name": name});
    let checked = fields::read_body(body, |fields| {
        let email = fields.required("email", crate::base::email::email());
        let name = fields.required("name", line(limits::NAME));
        Some((email?, name?))
    });
    let (email, name) = checked.map_err(|error| refused_options(&error))?;
    let db = open(config, PoolSizes::default())?;
    let digest = digest(read_password(create.password_stdin)?)?;
    let user = crate::access::accounts::provisioning::new_user(&email, &name, digest, db.clock().now());
    let is_first = db.read_blocking(store::is_empty).map_err(text)?;
    let role = create.role.or(is_first.then_some(Role::Admin));
    let role = role.ok_or_else(|| format!("say what they are: --role, one of {}", Role::WORDS.join(", ")))?;
    let grant = Grant {
        role,
        section_id: None,
        locale: None,
        section_path: None,
    };
    db.write_blocking(move |conn| {
        store::insert(conn, &user, std::slice::from_ref(&grant))?;
        let act = AuditEvent::on("user.create", TargetKind::User, user.id.as_str());
        audit::record(conn, Who::server(Via::Command, None), act, user.created_at)
    })
    .map_err(text)?;
    print_line(format_args!("{email} can log in as {role}"));
    Ok(())
}

fn set_password(config: &Config, set: &SetPassword) -> Result<(), String> {
    let db = open(config, PoolSizes::default())?;
    let (email, user) = (&set.email, find_user(&db, &set.email)?);
    let digest = digest(read_password(set.password_stdin)?)?;
    let now = db.clock().now();
    db.write_blocking(move |conn| {
        crate::access::accounts::provisioning::set_password(
            conn,
            user.id,
            &digest,
            &Who::server(Via::Command, None),
            now,
        )
    })
    .map_err(text)?;
    print_line(format_args!("{email} has a new password; their sessions have ended"));
    Ok(())
}

fn reset_second_factor(config: &Config, reset: &ResetSecondFactor) -> Result<(), String> {
    let db = open(config, PoolSizes::default())?;
    let (email, user) = (&reset.email, find_user(&db, &reset.email)?);
    let now = db.clock().now();
    let had_one = db.write_blocking(move |conn| {
        let who = Who::server(Via::Command, None);
        crate::access::accounts::provisioning::reset_second_factor(conn, user.id, &who, now)
    });
    if had_one.map_err(text)? {
        print_line(format_args!(
            "{email} logs in with the password alone; their sessions have ended"
        ));
    } else {
        print_line(format_args!("{email} has no second factor"));
    }
    Ok(())
}

fn find_user(db: &Db, email: &str) -> Result<store::User, String> {
    let user = db
        .read_blocking(|conn| store::find_by_email(conn, email))
        .map_err(text)?;
    user.ok_or_else(|| format!("there is no user {email}"))
}

fn text(error: Error) -> String {
    error.to_string()
}

fn digest(password: String) -> Result<String, String> {
    let count = password.chars().count();
    if !(limits::PASSWORD_MIN..=limits::PASSWORD).contains(&count) {
        return Err(format!(
            "a password has {} to {} characters",
            limits::PASSWORD_MIN,
            limits::PASSWORD
        ));
    }
    Passwords::strong()
        .and_then(|passwords| passwords.digest_blocking(&password))
        .map_err(text)
}

fn read_password(from_stdin: bool) -> Result<String, String> {
    if from_stdin {
        let mut password = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut password)
            .map_err(|error| error.to_string())?;
        return Ok(password.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !std::io::stdin().is_terminal() {
        return Err("there is no terminal to ask for the password: give it with --password-stdin".to_owned());
    }
    let password = rpassword::prompt_password("Password: ").map_err(|error| error.to_string())?;
    let again = rpassword::prompt_password("Again: ").map_err(|error| error.to_string())?;
    if password == again {
        Ok(password)
    } else {
        Err("the two passwords differ".to_owned())
    }
}
