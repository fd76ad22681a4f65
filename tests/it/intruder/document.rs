//! The OpenAPI document, as far as an intruder reads it.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Map, Value};

/// One operation of the API.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) method: Method,
    /// With `{…}` for each path parameter.
    pub(super) path: String,
    /// In the order of the path.
    pub(super) parameters: Vec<Parameter>,
    /// Names of the query's parameters that take text.
    pub(super) queries: Vec<String>,
    /// Media type and schema.
    pub(super) body: Option<(String, Value)>,
    /// Whether it asks who is calling.
    pub(super) secured: bool,
    /// Whether its answer is JSON, not a stream or a file.
    pub(super) json: bool,
}

/// A path parameter.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// An id with this prefix.
    Id(String),
    Number,
    /// One of some words.
    Word(String),
    Text,
}

/// Every operation of the document.
pub(super) fn operations(document: &Value) -> Result<Vec<Operation>> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().context("a document has paths")? {
        for (method, operation) in methods.as_object().context("a path has methods")? {
            operations.push(read(document, path, method, operation).with_context(|| format!("{method} {path}"))?);
        }
    }
    Ok(operations)
}

fn read(document: &Value, path: &str, method: &str, operation: &Value) -> Result<Operation> {
    let declared = operation["parameters"].as_array().cloned().unwrap_or_default();
    let schema_of = |parameter: &Value| resolve(document, &parameter["schema"]).clone();
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters = names.map(|name| {
        let name = name.trim_end_matches('+').to_owned();
        let found = declared.iter().find(|parameter| parameter["in"] == "path" && parameter["name"] == name.as_str());
        let found = found.with_context(|| format!("{name} is not described"))?;
        Ok(Parameter { name, kind: kind(&schema_of(found)) })
    });
    let takes_text = |parameter: &&Value| parameter["in"] == "query" && kind(&schema_of(parameter)) != Kind::Number;
    let queries =
        declared.iter().filter(takes_text).filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned()));
    let content = operation["requestBody"]["content"].as_object().and_then(|content| {
        let json = content.get_key_value("application/json");
        json.or_else(|| content.iter().next())
    });
    Ok(Operation {
        method: method.to_uppercase().parse()?,
        path: path.to_owned(),
        parameters: parameters.collect::<Result<_>>()?,
        queries: queries.collect(),
        body: content.map(|(media, content)| (media.clone(), content["schema"].clone())),
        secured: operation["security"].as_array().is_some_and(|security| !security.is_empty()),
        json: operation["responses"]["200"]["content"]["application/json"].is_object(),
    })
}

/// What a schema is, behind its references.
pub(super) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).map_or(schema, |found| resolve(document, found)),
        None => schema,
    }
}

/// The prefix of the ids that a schema describes.
pub(super) fn id_prefix(schema: &Value) -> Option<&str> {
    let pattern = schema["pattern"].as_str()?.strip_prefix('^')?;
    pattern.split_once("_[").map(|(prefix, _)| prefix)
}

fn kind(schema: &Value) -> Kind {
    if let Some(prefix) = id_prefix(schema) {
        return Kind::Id(prefix.to_owned());
    }
    let first = schema["enum"].as_array().and_then(|words| words.first()).and_then(Value::as_str);
    match (first, schema["type"].as_str()) {
        (Some(word), _) => Kind::Word(word.to_owned()),
        (None, Some("integer" | "number")) => Kind::Number,
        _ => Kind::Text,
    }
}

/// The least that a schema takes; `id` gives an id of a kind.
pub(super) fn sample(document: &Value, schema: &Value, id: &impl Fn(&str) -> String) -> Value {
    let schema = resolve(document, schema);
    if let Some(prefix) = id_prefix(schema) {
        return id(prefix).into();
    }
    for fixed in [&schema["const"], &schema["enum"][0], &schema["example"]] {
        if !fixed.is_null() {
            return fixed.clone();
        }
    }
    for choice in ["oneOf", "anyOf"] {
        let mut choices = schema[choice].as_array().into_iter().flatten();
        if let Some(first) = choices.find(|choice| choice["type"] != "null") {
            return sample(document, first, id);
        }
    }
    let kind = &schema["type"];
    let is = |name: &str| *kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| *kind == name));
    if schema["allOf"].is_array() || is("object") {
        return object(document, schema, id);
    }
    if is("array") {
        return vec![sample(document, &schema["items"], id)].into();
    }
    if is("integer") || is("number") {
        return schema["minimum"].as_i64().unwrap_or(1).max(1).into();
    }
    if is("boolean") { true.into() } else { text(schema).into() }
}

fn object(document: &Value, schema: &Value, id: &impl Fn(&str) -> String) -> Value {
    let mut fields = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(more) = sample(document, part, id) {
            fields.extend(more);
        }
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        fields.insert(name.to_owned(), sample(document, &schema["properties"][name], id));
    }
    Value::Object(fields)
}

fn text(schema: &Value) -> String {
    match schema["format"].as_str() {
        Some("date-time") => "2030-01-01T00:00:00Z".into(),
        Some("uri") => "https://example.com/".into(),
        _ => "x".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap_or(1).max(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sample_has_what_is_required_and_nothing_else() {
        let document = json!({ "components": { "schemas": {
            "Id": { "type": "string", "pattern": "^thg_[0-9A-HJKMNP-TV-Z]{26}$" },
            "Reply": { "oneOf": [{ "type": "null" }, { "enum": ["once", "always"] }] },
        } } });
        let schema = json!({ "type": "object", "required": ["id", "reply", "name", "count", "list"], "properties": {
            "id": { "$ref": "#/components/schemas/Id" }, "reply": { "$ref": "#/components/schemas/Reply" },
            "name": { "type": ["string", "null"], "minLength": 3 }, "count": { "type": "integer", "minimum": 0 },
            "list": { "type": "array", "items": { "$ref": "#/components/schemas/Id" } }, "more": { "type": "string" },
        } });
        let made = sample(&document, &schema, &|prefix| format!("{prefix}_1"));
        let wanted = json!({ "id": "thg_1", "reply": "once", "name": "xxx", "count": 1, "list": ["thg_1"] });
        assert_eq!(made, wanted);
    }
}
