use std::time::Duration;

use jiff::Timestamp;

use super::*;

const PROJECT: &str = include_str!("../../../../template.yaml");

fn deployment() -> Deployment {
    Deployment::at("127.0.0.1:8787".parse().expect("an address"))
}

fn project() -> Template {
    Template::parse(PROJECT, &deployment().with("ModelName", "demo")).expect("the project's template resolves")
}

/// The project's template with one piece of text replaced, and why it was refused.
fn refusal(from: &str, to: &str) -> String {
    assert!(PROJECT.contains(from), "the template no longer has `{from}`");
    let broken = PROJECT.replacen(from, to, 1);
    format!("{:#}", Template::parse(&broken, &deployment()).expect_err("a broken template is refused"))
}

#[test]
fn functions_carry_globals_and_their_own_properties() {
    let template = project();
    let http = &template.functions["AgentHttpFunction"];
    assert_eq!((http.binary.as_str(), http.timeout, http.memory_mb), ("agent-http", Duration::from_secs(900), 256));
    assert_eq!(http.environment["TABLE_NAME"], "agent-ops-Table");
    assert_eq!(http.environment["CLUSTER"], "arn:aws:ecs:us-east-1:000000000000:cluster/agent-ops-Cluster");
    assert_eq!(http.environment["SUBNETS"], "agent-ops-SubnetA,agent-ops-SubnetB");
    assert_eq!(http.log_format, "JSON");
    assert_eq!(template.functions["SessionsFunction"].timeout, Duration::from_secs(29));
}

#[test]
fn api_host_names_lead_to_the_origin() {
    let template = project();
    let socket = &template.functions["AgentSocketFunction"].environment["SOCKET_ENDPOINT"];
    assert_eq!(socket, "http://127.0.0.1:8787/_socket/live");
    let runner = &template.task_definitions[0].containers[1];
    assert_eq!(runner.environment["SOCKET_URL"], "ws://127.0.0.1:8787/_socket/live");
    assert_eq!(runner.environment["API_URL"], "http://127.0.0.1:8787");
    assert_eq!(template.outputs["SocketUrl"], "ws://127.0.0.1:8787/_socket/live");
}

#[test]
fn routes_name_their_function_and_mode() {
    let template = project();
    let find = |method: &str, path: &str| {
        template
            .rest
            .routes
            .iter()
            .find(|route| route.method == method && route.path == path)
            .expect("the route exists")
    };
    assert!(!find("POST", "/api/sessions").streaming);
    let events = find("GET", "/agent/sessions/{id}/events");
    assert_eq!((events.function.as_str(), events.streaming), ("AgentHttpFunction", true));
    let keys: Vec<_> = template.socket.routes.iter().map(|route| route.key.as_str()).collect();
    assert_eq!(keys, ["$connect", "$default", "$disconnect"]);
    assert_eq!(template.rest.responses["REQUEST_TOO_LARGE"].status, Some(413));
}

#[test]
fn schedules_and_rules_are_found() {
    let template = project();
    let sweep = template.schedules.iter().find(|schedule| schedule.id == "AgentEventsFunction/Sweep").unwrap();
    assert_eq!(sweep.rate, Rate::Every(Duration::from_secs(60)));
    assert!(sweep.scheduler);
    let on: Vec<_> = template.rules.iter().map(|rule| (rule.id.as_str(), rule.bus.as_str())).collect();
    let terminated = ("AgentEventsFunction/SessionChanged", "agent-ops-bus");
    let stopped = ("AgentEventsFunction/TaskStopped", "default");
    assert!(on.contains(&terminated) && on.contains(&stopped), "{on:?}");
    assert_eq!(template.buses, ["agent-ops-bus"]);
    let rule = template.rules.iter().find(|rule| rule.id == stopped.0).unwrap();
    let cluster = &rule.pattern["detail"]["clusterArn"][0];
    assert_eq!(cluster, "arn:aws:ecs:us-east-1:000000000000:cluster/agent-ops-Cluster");
}

#[test]
fn stores_secrets_and_tasks_are_typed() {
    let template = project();
    assert_eq!(template.tables[0].ttl_attribute.as_deref(), Some("ttl"));
    assert_eq!(template.tables[0].create["KeySchema"][0]["AttributeName"], "pk");
    assert_eq!(template.buckets[0].name, "agent-ops-bucket");
    let SecretValue::Generated { key, length, .. } = &template.secrets[0].value else { panic!("it is generated") };
    assert_eq!((key.as_deref(), *length), (Some("ENCRYPTION_KEY"), 32));
    let task = &template.task_definitions[0];
    assert_eq!((task.family.as_str(), task.containers.len()), ("agent-ops-sandbox", 2));
    let runner = &task.containers[1];
    assert_eq!(runner.command, ["runner", "relay"]);
    assert_eq!(task.containers[0].ports, [4096, 4097]);
    assert_eq!(runner.environment["MODEL_NAME"], "demo");
    let secret = &template.secrets[0].arn;
    assert_eq!(runner.secrets["OPENAI_API_KEY"], format!("{secret}:OPENAI_API_KEY::"));
    assert_eq!(runner.mounts[0].path, Path::new("/workspace"));
}

#[test]
fn what_is_missing_is_named() {
    let cases = [
        ("BuildProperties: { Binary: sessions }", "BuildProperties: {}", "SessionsFunction: it has no Metadata"),
        ("!GetAtt AgentSocketFunction.Arn", "!GetAtt Nobody.Arn", "SocketApi: !GetAtt Nobody.Arn"),
        ("TABLE_NAME: !Ref Table", "TABLE_NAME: !Ref Tabel", "Globals: Tabel is neither"),
        ("rate(1 minute)", "rate(1 minutes)", "is not a unit that goes with 1"),
        ("!Sub ${AWS::StackName}-sandbox", "!Subb x", "Fn::Subb is not an intrinsic"),
        ("RestApiId: !Ref Api,", "RestApiId: !Ref SocketApi,", "names an API"),
        ("- Name: workspace\n", "- Name: work\n", "TaskDefinition: container opencode mounts workspace"),
        ("Type: ScheduleV2", "Type: SQS", "unknown variant `SQS`"),
    ];
    for (from, to, expected) in cases {
        let told = refusal(from, to);
        assert!(told.contains(expected), "`{told}` does not say `{expected}`");
    }
}

/// Every name that follows `Namespace` or stands in a dashboard's row for one of ours.
fn metrics_named(text: &str) -> BTreeMap<String, usize> {
    let document = yaml::to_json(text).expect("it is YAML");
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = |name: &str| *named.entry(name.to_owned()).or_default() += 1;
    for resource in document["Resources"].as_object().expect("it has resources").values() {
        let properties = &resource["Properties"];
        match resource["Type"].as_str() {
            Some("AWS::CloudWatch::Alarm") if properties["Namespace"]["Fn::Sub"] == OURS => {
                count(properties["MetricName"].as_str().expect("an alarm names its metric"));
            }
            Some("AWS::CloudWatch::Dashboard") => {
                let body = properties["DashboardBody"]["Fn::Sub"].as_str().expect("it has a body");
                let body: Value = serde_json::from_str(body).expect("it is JSON");
                let widgets = body["widgets"].as_array().expect("it has widgets");
                let rows = widgets.iter().filter_map(|widget| widget["properties"]["metrics"].as_array()).flatten();
                rows.filter(|row| row[0] == OURS)
                    .for_each(|row| count(row[1].as_str().expect("a row names its metric")));
            }
            _ => {}
        }
    }
    named
}

const OURS: &str = "AgentOps/${AWS::StackName}";

#[test]
fn alarms_and_dashboard_name_exactly_what_is_measured() {
    let named: Vec<String> = metrics_named(PROJECT).into_keys().collect();
    let mut measured = domain::metric::Metric::ALL.map(|metric| metric.name().to_owned());
    measured.sort();
    assert_eq!(named, measured);
    let misspelt = PROJECT.replacen("MetricName: StartTime", "MetricName: StartTimes", 1);
    assert!(metrics_named(&misspelt).contains_key("StartTimes"), "a misspelt name would be found");
    let function = &project().functions["AgentSocketFunction"];
    assert_eq!(function.environment["METRICS_NAMESPACE"], "AgentOps/agent-ops");
}

#[test]
fn unknown_parameters_and_values_are_refused() {
    for (name, value) in [("Nonsense", "1"), ("Architecture", "mips")] {
        let refused = Template::parse(PROJECT, &deployment().with(name, value));
        assert!(format!("{:#}", refused.expect_err("it is refused")).contains(name));
    }
}

#[test]
fn cron_fires_at_the_next_matching_minute() {
    let next = |expression: &str, now: &str| {
        let now: Timestamp = now.parse().expect("a time");
        Rate::parse(expression).expect("an expression").next_after(now).map(|at| at.to_string())
    };
    let cases = [
        ("cron(0 * * * ? *)", "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"),
        ("cron(0/15 * * * ? *)", "2026-11-22T10:01:30Z", "2026-11-22T10:15:00Z"),
        ("cron(30 3 ? * 1 *)", "2026-11-22T04:00:00Z", "2026-11-29T03:30:00Z"),
        ("cron(0 0 1 1 ? *)", "2026-11-22T10:00:00Z", "2027-01-01T00:00:00Z"),
        ("rate(2 hours)", "2026-11-22T10:00:00Z", "2026-11-22T12:00:00Z"),
    ];
    for (expression, now, expected) in cases {
        assert_eq!(next(expression, now).as_deref(), Some(expected), "{expression}");
    }
    assert!(Rate::parse("cron(61 * * * ? *)").is_err());
    assert!(Rate::parse("rate(0 minutes)").is_err());
}
