//! Accounts: [`login`] opens and closes sessions, [`me`] is one's own account and [`second_factor`] its second factor,
//! [`users`] everybody's, kept by admins. [`provisioning`] makes users and sets passwords, for admins, commands and the
//! demo alike.

pub mod login;
pub mod me;
pub mod provisioning;
pub mod second_factor;
pub mod users;
