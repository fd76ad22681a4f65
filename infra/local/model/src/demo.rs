//! What the demo model does without a directive: two tools in the workspace, then an honest word;
//! or, when it is asked about issues, mails or appointments, a search in what was synced.

use serde_json::{Value, json};

use crate::request::Request;
use crate::script::Act;

/// Quick enough not to bore, slow enough to be seen as a stream.
const WORD_DELAY_MS: u64 = 20;
const QUOTE_CHARS_MAX: usize = 400;
/// The product's own search, as OpenCode names it.
const SEARCH: &str = "ops_search_entities";
const FOUND_MAX: u32 = 5;

/// The next step of the demo turn: write the user's words to a file, read it back, report
/// what the tools said.
pub(crate) fn turn(request: &Request) -> Vec<Act> {
    if let Some(kind) = asked_about(&request.words).filter(|_| request.tools.iter().any(|tool| tool == SEARCH)) {
        return search(request, kind);
    }
    let path = format!("demo/{}.md", slug(&request.words));
    let offers = |name: &str| request.tools.iter().any(|tool| tool == name);
    let steps = [("bash", write(&request.words, &path)), ("read", json!({ "filePath": path }))];
    let mut steps = steps.into_iter().filter(|(name, _)| offers(name)).skip(request.results.len());
    match steps.next().filter(|_| !is_refused(request, &path)) {
        Some((name, arguments)) => {
            let muse = Act::Muse { text: musing(request, name), delay_ms: WORD_DELAY_MS };
            vec![muse, Act::Tool { name: name.to_owned(), arguments }]
        }
        None => vec![Act::Say { text: report(request, &path), delay_ms: WORD_DELAY_MS }],
    }
}

/// Finds what was synced and says what was found.
fn search(request: &Request, kind: &str) -> Vec<Act> {
    let Some(found) = request.results.first() else {
        let text = format!("I am a script, not a mind: I look for what was synced last, with `{SEARCH}`.");
        let arguments = json!({ "kind": kind, "limit": FOUND_MAX });
        let tool = Act::Tool { name: SEARCH.to_owned(), arguments };
        return vec![Act::Muse { text, delay_ms: WORD_DELAY_MS }, tool];
    };
    vec![Act::Say { text: findings(found), delay_ms: WORD_DELAY_MS }]
}

fn findings(found: &str) -> String {
    let read: Value = serde_json::from_str(found).unwrap_or_default();
    let entities = read["untrusted"]["entities"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |entity: &Value| {
        let (title, state) = (quote(&text(&entity["title"])), text(&entity["state"]));
        format!("- {} ({}, {state}, changed {})\n", title, text(&entity["provider"]), text(&entity["updated_at"]))
    };
    let lines: String = entities.iter().map(line).collect();
    match lines.is_empty() {
        true => "I am the **demo model**. Nothing of that kind was synced: connect an account first.".to_owned(),
        false => format!("I am the **demo model**: a small script. The newest that was synced:\n\n{lines}"),
    }
}

/// The kind of thing that the user's words are about.
fn asked_about(words: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 6] = [
        ("pull request", "pull_request"),
        ("issue", "issue"),
        ("mail", "message"),
        ("appointment", "event"),
        ("meeting", "event"),
        ("calendar", "event"),
    ];
    let words = words.to_lowercase();
    KINDS.iter().find(|(word, _)| words.contains(word)).map(|(_, kind)| *kind)
}

/// A title from the user's first words.
pub(crate) fn title(words: &str) -> String {
    let start = words.find("[[").unwrap_or(words.len());
    let plain: Vec<_> = words[..start].split_whitespace().take(6).collect();
    match plain.join(" ") {
        title if title.is_empty() => "Demo session".to_owned(),
        title => title.chars().take(50).collect(),
    }
}

fn musing(request: &Request, tool: &str) -> String {
    match request.results.len() {
        0 => format!("I am a script, not a mind: I will keep the user's words in a file, with `{tool}`."),
        _ => format!("Now I look at the file again, with `{tool}`."),
    }
}

fn write(words: &str, path: &str) -> serde_json::Value {
    let note: String = words.chars().filter(|c| !c.is_control() || *c == '\n').take(2000).collect();
    let quoted = note.replace('\'', r"'\''");
    json!({
        "command": format!("mkdir -p demo && printf '%s\\n' '{quoted}' > {path} && ls -l demo"),
        "description": format!("Writes your words to {path} and lists the folder"),
    })
}

fn report(request: &Request, path: &str) -> String {
    let mut text = String::from("I am the **demo model**: a small script that answers while no model key is set.\n\n");
    if request.results.is_empty() {
        text += "I was offered no tool that I know, so I only say hello.\n\n";
    } else {
        text += &format!("I asked the tools to write your words to `{path}`, and they answered:\n\n");
        for result in &request.results {
            text += &format!("```\n{}\n```\n\n", quote(result));
        }
        if is_refused(request, path) {
            text += "So there is no such file, and I stopped there.\n\n";
        }
    }
    text += "For a real agent, put `ANTHROPIC_API_KEY`, `OPENAI_API_KEY` or `GOOGLE_API_KEY` in `.env` and start \
             again. Any OpenAI-compatible server does too: `MODEL_BASE_URL` and `MODEL_NAME`.";
    text
}

/// The first tool lists the file that it wrote; otherwise something, or someone, was against it.
fn is_refused(request: &Request, path: &str) -> bool {
    let name = path.strip_prefix("demo/").unwrap_or(path);
    request.results.first().is_some_and(|listed| !listed.contains(name))
}

fn quote(result: &str) -> String {
    let quoted: String = result.trim().chars().take(QUOTE_CHARS_MAX).collect();
    quoted.replace("```", "'''")
}

/// A file name of the user's first words.
fn slug(words: &str) -> String {
    let lower = words.to_lowercase();
    let plain = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    match plain.take(5).collect::<Vec<_>>().join("-") {
        slug if slug.is_empty() => "note".to_owned(),
        slug => slug.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_words_without_directives() {
        assert_eq!(title("please fix the login page for all of us"), "please fix the login page for");
        assert_eq!(title("[[text n=5]] hello"), "Demo session");
    }

    #[test]
    fn words_of_the_user_do_not_leave_their_quotes_in_the_shell() {
        let arguments = write("it's; rm -rf /", "demo/x.md");
        assert!(arguments["command"].as_str().unwrap().contains(r"'it'\''s; rm -rf /' > demo/x.md"));
    }

    #[test]
    fn a_slug_is_safe_as_a_file_name() {
        assert_eq!(slug("../Über $(ls) Alles"), "ber-ls-alles");
        assert_eq!(slug("…"), "note");
    }
}
