//! [`list_type!`](crate::list_type): the answer with a page of a list, or with a list that is always whole.

/// Declares a list: its comment, its name, and its items with their comment. `[whole]` after the name says that the
/// list is never cut.
#[macro_export]
macro_rules! list_type {
    ($(#[$($doc:tt)*])* $name:ident { $(#[$($items:tt)*])* items: Vec<$item:ident> $(,)? }) => {
        $(#[$($doc)*])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            $(#[$($items)*])*
            pub items: Vec<$item>,
            /// Where the list goes on.
            pub page: $crate::base::http::page::PageInfo,
        }
    };
    ($(#[$($doc:tt)*])* $name:ident [whole] { $(#[$($items:tt)*])* items: Vec<$item:ident> $(,)? }) => {
        $(#[$($doc)*])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            $(#[$($items)*])*
            pub items: Vec<$item>,
            /// The list is always whole.
            pub page: $crate::base::http::page::PageInfo,
        }
    };
}
