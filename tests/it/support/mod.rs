//! What tests are written with. A test says who asks for what, and what they are answered:
//!
//! ```ignore
//! #[actix_web::test]
//! async fn a_draft_is_read_once_it_is_published() {
//!     let (app, admin, section) = newsroom().await;
//!     let id = admin.draft("Le port", &section).await;
//!     let path = format!("/v1/articles/{id}");
//!     app.guest().get(&path).await.problem(404, "not_found");
//!     admin.publish(&id).await.expect(200);
//!     assert_eq!(app.guest().get(&path).await.expect(200).json["title"], "Le port");
//! }
//! ```
//!
//! Each answer is held against the OpenAPI documents as it arrives, so a test says only what it is about.
//!
//! | file | what it offers |
//! |---|---|
//! | [`app`] | [`TestApp`]: the application in process, on a database of its own, with a clock that stands still |
//! | [`client`] | [`Client`]: somebody who sends requests |
//! | [`answer`] | [`Answer`]: what they are answered, and what a test asks of it |
//! | [`newsroom`] | a site with a section, and its articles: made, changed, published |
//! | [`comments`] | readers and their comments |
//! | [`backups`] | backups, written and restored |
//! | [`requests`] | query strings, and many requests at once |
//! | [`sequences`] | any sequence of steps, each of them checked |
//! | [`checks`] | what must hold of every answer and every database |
//! | [`contract`] | the OpenAPI documents: operations, samples, a validator |
//! | [`database`] | a database per test, on SQLite or PostgreSQL |
//! | [`statements`] | what the database was asked |
//! | [`replays`] | what the database was asked, asked again: plans and costs |
//! | [`xml`] | XML, parsed strictly |

pub mod answer;
pub mod app;
pub mod authenticator;
pub mod backups;
pub mod checks;
pub mod client;
pub mod comments;
pub mod contract;
pub mod database;
pub mod newsroom;
pub mod replays;
pub mod requests;
pub mod sequences;
pub mod statements;
pub mod twin;
pub mod xml;

pub use answer::Answer;
pub use app::{DAY, PASSWORD, PUBLIC_URL, START, TestApp, grant};
pub use authenticator::Authenticator;
pub use client::{Asking, Client};
