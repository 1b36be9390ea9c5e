//! Accounts: [`login`] opens and closes sessions, [`me`] is one's own account, [`users`] everybody's, kept by admins.
//! [`second_factor`] is one's own second factor. [`provisioning`] makes users and sets passwords, for admins, commands and the demo alike.

pub mod login;
pub mod me;
pub mod provisioning;
pub mod second_factor;
pub mod users;
