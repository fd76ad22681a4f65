//! Cookies: which there are.

/// The cookie of a browser that is signed in. With `__Host-` a browser takes it
/// only if it is `Secure`, for this host alone and for all of its paths, so no
/// neighbouring domain can set it. On `http://localhost` browsers count as secure.
pub const LOGIN: &str = "__Host-agent_ops";
