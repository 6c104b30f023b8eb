//! What the methods claim, and their contract.
