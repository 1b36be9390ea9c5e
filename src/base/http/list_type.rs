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

        $crate::list_type! { @answer $name }
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

        $crate::list_type! { @answer $name }
    };
    (@answer $name:ident) => {
        impl actix_web::Responder for $name {
            type Body = actix_web::body::BoxBody;

            fn respond_to(self, request: &actix_web::HttpRequest) -> actix_web::HttpResponse {
                $crate::base::http::page::answer_list(request.uri(), &self, &self.page)
            }
        }
    };
}
