//! The documents keep the rules by which every generator makes a good client of them.

mod operations;
mod schemas;
