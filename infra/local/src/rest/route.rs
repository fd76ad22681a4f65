//! The template's routes, matched as API Gateway matches them.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::template::RestRoute;

/// Where a method of a resource leads.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The template's path, `/api/sessions/{id}`.
    pub(super) resource: String,
    /// Logical id.
    pub(super) function: String,
    pub(super) streaming: bool,
}

/// Resources, the most specific first.
pub(super) struct Routes(Vec<Resource>);

struct Resource {
    segments: Vec<Segment>,
    methods: BTreeMap<String, Target>,
}

/// In the order in which API Gateway prefers them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Variable(String),
    /// `{proxy+}`: one segment or more.
    Greedy(String),
}

pub(super) type Variables = BTreeMap<String, String>;

impl Routes {
    pub(super) fn new(routes: &[RestRoute]) -> Self {
        let mut resources: BTreeMap<Vec<Segment>, BTreeMap<String, Target>> = BTreeMap::new();
        for route in routes {
            let target =
                Target { resource: route.path.clone(), function: route.function.clone(), streaming: route.streaming };
            let segments = split(&route.path).map(Segment::parse).collect();
            resources.entry(segments).or_default().insert(route.method.clone(), target);
        }
        let sorted = resources.into_iter().map(|(segments, methods)| Resource { segments, methods });
        Self(sorted.collect())
    }

    /// Whether any method of this path exists.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.resource(path).is_some()
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Option<(&Target, Variables)> {
        let (resource, variables) = self.resource(path)?;
        let target = resource.methods.get(method.as_str()).or_else(|| resource.methods.get("ANY"))?;
        Some((target, variables))
    }

    fn resource(&self, path: &str) -> Option<(&Resource, Variables)> {
        self.0.iter().find_map(|resource| Some((resource, resource.matched(path)?)))
    }
}

impl Resource {
    fn matched(&self, path: &str) -> Option<Variables> {
        let mut variables = Variables::new();
        let mut parts = split(path);
        for segment in &self.segments {
            let part = parts.next()?;
            match segment {
                Segment::Literal(literal) if literal == part => {}
                Segment::Literal(_) => return None,
                // An empty segment fills no variable.
                Segment::Variable(_) | Segment::Greedy(_) if part.is_empty() => return None,
                Segment::Variable(name) => {
                    variables.insert(name.clone(), decode(part));
                }
                Segment::Greedy(name) => {
                    let tail = parts.fold(part.to_owned(), |tail, part| tail + "/" + part);
                    variables.insert(name.clone(), decode(&tail));
                    return Some(variables);
                }
            }
        }
        parts.next().is_none().then_some(variables)
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        let variable = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        match variable.map(|name| (name, name.strip_suffix('+'))) {
            Some((_, Some(name))) => Self::Greedy(name.to_owned()),
            Some((name, None)) => Self::Variable(name.to_owned()),
            None => Self::Literal(text.to_owned()),
        }
    }
}

fn split(path: &str) -> std::str::Split<'_, char> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn decode(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        let route = |method: &str, path: &str, function: &str| RestRoute {
            method: method.into(),
            path: path.into(),
            function: function.into(),
            streaming: false,
            api: "api".into(),
        };
        Routes::new(&[
            route("GET", "/a/{id}", "one"),
            route("GET", "/a/list", "list"),
            route("POST", "/a/{id}/b/{sub}", "two"),
            route("ANY", "/files/{proxy+}", "files"),
        ])
    }

    fn found(method: Method, path: &str) -> Option<(String, Vec<(String, String)>)> {
        let routes = routes();
        let (target, variables) = routes.find(&method, path)?;
        Some((target.function.clone(), variables.into_iter().collect()))
    }

    fn told(function: &str, variables: &[(&str, &str)]) -> Option<(String, Vec<(String, String)>)> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Some((function.to_owned(), variables.collect()))
    }

    #[test]
    fn the_most_specific_resource_wins() {
        assert_eq!(found(Method::GET, "/a/list"), told("list", &[]));
        assert_eq!(found(Method::GET, "/a/7"), told("one", &[("id", "7")]));
        assert_eq!(found(Method::POST, "/a/7/b/x%20y"), told("two", &[("id", "7"), ("sub", "x y")]));
        assert_eq!(found(Method::PUT, "/files/x/y.txt"), told("files", &[("proxy", "x/y.txt")]));
    }

    #[test]
    fn other_methods_and_paths_are_unknown() {
        for (method, path) in [
            (Method::POST, "/a/7"),
            (Method::GET, "/a/"),
            (Method::GET, "/a"),
            (Method::GET, "/a/7/"),
            (Method::GET, "/files"),
            (Method::GET, "/"),
        ] {
            assert_eq!(found(method, path), None, "{path}");
        }
    }
}
