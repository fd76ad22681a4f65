//! Our cookies. With `__Host-` a browser takes one only if it is `Secure`, for this
//! host alone and for all of its paths, so no neighbouring domain can set it.
//! `http://localhost` counts as secure there.

use axum::http::{HeaderMap, HeaderValue, header};

/// Of a browser that is signed in.
pub const LOGIN: &str = "__Host-agent_ops";
/// Of a browser that is being signed in.
pub const SIGNIN: &str = "__Host-agent_ops_signin";

/// The value that the request brings; an empty one counts as absent.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}

/// Sets a cookie that no script reads and no other site's form sends.
pub fn set(name: &str, value: &str, seconds: i64) -> HeaderValue {
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::try_from(cookie).expect("our values are hexadecimal digits")
}

/// Takes a cookie back.
pub fn clear(name: &str) -> HeaderValue {
    set(name, "", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; __Host-agent_ops_signin=two"));
        headers.append(header::COOKIE, HeaderValue::from_static("x__Host-agent_ops=no; __Host-agent_ops=one"));
        assert_eq!(
            (read(&headers, LOGIN), read(&headers, SIGNIN), read(&headers, "b")),
            (Some("one"), Some("two"), None)
        );
    }

    #[test]
    fn a_cookie_has_all_that_its_prefix_demands() {
        assert_eq!(set(LOGIN, "ab", 60), "__Host-agent_ops=ab; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax");
    }
}
