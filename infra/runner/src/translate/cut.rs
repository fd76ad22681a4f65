//! Cuts long texts at character borders.

/// Keeps the last `bytes` of `text`; whether it was longer.
pub(super) fn tail(text: &mut String, bytes: usize) -> bool {
    if text.len() <= bytes {
        return false;
    }
    *text = text[ceil(text, text.len() - bytes)..].to_owned();
    true
}

/// Keeps both ends of `text` within `bytes`, with a note between them; whether it was longer.
pub(super) fn ends(text: &mut String, bytes: usize) -> bool {
    /// Room for the note.
    const NOTE: usize = 48;
    if text.len() <= bytes {
        return false;
    }
    let half = bytes.saturating_sub(NOTE) / 2;
    let from = ceil(text, text.len() - half);
    let mut to = half;
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    *text = format!("{}\n[… {} bytes cut …]\n{}", &text[..to], from - to, &text[from..]);
    true
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
