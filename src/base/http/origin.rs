//! Where a request came from, for whoever keeps a record.

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's network address.
    pub address: Option<String>,
    /// The request's id, as the log has it.
    pub request_id: Option<String>,
}
