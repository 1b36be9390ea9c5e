//! What kind of article a body makes.

crate::word_type! {
    /// What kind of article it is.
    ArticleType {
        /// A story.
        Article = "article",
        /// Running coverage.
        Live = "live",
        /// Pictures.
        Gallery = "gallery",
        /// A film.
        Video = "video",
        /// A comment piece.
        Opinion = "opinion",
        /// Paid for by somebody.
        Sponsored = "sponsored",
    }
}
