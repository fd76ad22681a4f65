//! YAML with CloudFormation's short tags, as JSON with the long forms.

use anyhow::{Result, anyhow, bail};
use serde_json::{Map, Value, json};
use yaml_serde::Value as Yaml;
use yaml_serde::value::TaggedValue;

/// Parses a template: anchors and merges are applied, `!Sub x` becomes `{"Fn::Sub": x}`.
pub(super) fn to_json(text: &str) -> Result<Value> {
    let mut document: Yaml = yaml_serde::from_str(text)?;
    document.apply_merge()?;
    convert(document)
}

fn convert(yaml: Yaml) -> Result<Value> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => serde_json::to_value(number)?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(convert).collect::<Result<_>>()?),
        Yaml::Mapping(entries) => {
            let entries = entries.into_iter().map(|(key, value)| Ok((name(key)?, convert(value)?)));
            Value::Object(entries.collect::<Result<Map<_, _>>>()?)
        }
        Yaml::Tagged(tagged) => long_form(*tagged)?,
    })
}

fn name(key: Yaml) -> Result<String> {
    match key {
        Yaml::String(name) => Ok(name),
        Yaml::Number(number) => Ok(number.to_string()),
        other => bail!("{other:?} is not a key"),
    }
}

fn long_form(tagged: TaggedValue) -> Result<Value> {
    let tag = tagged.tag.to_string();
    let argument = convert(tagged.value)?;
    Ok(match tag.trim_start_matches('!') {
        "Ref" => json!({ "Ref": argument }),
        "Condition" => json!({ "Condition": argument }),
        "GetAtt" => json!({ "Fn::GetAtt": attribute(argument)? }),
        function => json!({ format!("Fn::{function}"): argument }),
    })
}

/// `Table.Arn` as `["Table", "Arn"]`.
fn attribute(argument: Value) -> Result<Value> {
    match argument {
        Value::String(dotted) => {
            let (id, attribute) =
                dotted.split_once('.').ok_or_else(|| anyhow!("!GetAtt {dotted} names no attribute"))?;
            Ok(json!([id, attribute]))
        }
        list => Ok(list),
    }
}
