//! argus-auth.
