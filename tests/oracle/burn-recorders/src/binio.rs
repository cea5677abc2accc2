//! bincode back end of this program: bincode 1.3 DefaultOptions (little endian, varint, no limit).
//! Burn uses bincode 2 `config::standard()`; for these types the bytes are the same.
use serde::{de::DeserializeOwned, Serialize};
use std::io::{Read, Write};
use bincode::Options;
pub const NAME: &str = "bincode 1.3.3 DefaultOptions";
pub fn save<T: Serialize, W: Write>(w: &mut W, v: &T) -> Result<(), String> { bincode::DefaultOptions::new().allow_trailing_bytes().serialize_into(w, v).map_err(|e| e.to_string()) }
pub fn load<T: DeserializeOwned, R: Read>(r: &mut R) -> Result<T, String> { bincode::DefaultOptions::new().allow_trailing_bytes().deserialize_from(r).map_err(|e| e.to_string()) }
