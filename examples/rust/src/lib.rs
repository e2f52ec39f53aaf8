//! What the examples share.

pub mod source;
pub mod stats;
pub mod summary;
