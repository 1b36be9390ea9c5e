//! Accounts: [`login`] opens and closes sessions, [`me`] is one's own account, [`users`] everybody's, kept by admins ([`user`] holds what commands do too).

pub mod login;
pub mod me;
pub mod user;
pub mod users;
