//! Short hashes of what is kept.

use sha2::{Digest, Sha256};

/// Digits of a hash: 64 bits, for the parts of a key and the content of a record.
const DIGITS: usize = 16;

/// The first 16 hexadecimal digits of a text's SHA-256.
pub fn digest(text: &str) -> String {
    digest_bytes(text.as_bytes())
}

/// The first 16 hexadecimal digits of the bytes' SHA-256.
pub fn digest_bytes(bytes: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(bytes));
    digits.truncate(DIGITS);
    digits
}
