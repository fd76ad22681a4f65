use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    AwsVpcConfiguration, ContainerOverride, KeyValuePair, NetworkConfiguration, Task as Described, TaskOverride,
    TaskStopCode,
};
use tokio::sync::mpsc;

use super::*;
use crate::aws::events::Invoke;
use crate::aws::json::{Services, router};
use crate::aws::sqs::Sqs;
use crate::fault::Faults;
use crate::template::{Container, EventRule, Mount, Secret, SecretValue};
use crate::{sdk_config, testing};

/// Nothing here takes long; a test that waits for this has failed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Cluster {
    ecs: Ecs,
    client: Client,
    events: mpsc::UnboundedReceiver<Value>,
    home: testing::Folder,
}

fn container(name: &str, script: &str) -> Container {
    Container {
        name: name.into(),
        essential: true,
        command: ["sh", "-c", script].map(str::to_owned).to_vec(),
        environment: BTreeMap::from([
            ("ROOT".into(), "/workspace".into()),
            ("URL".into(), "http://127.0.0.1:4096/x".into()),
        ]),
        secrets: BTreeMap::from([("KEY".into(), "arn:secret:KEY::".into())]),
        ports: vec![4096],
        mounts: vec![Mount { volume: "workspace".into(), path: "/workspace".into() }],
        stop_timeout: Duration::from_millis(200),
    }
}

fn open(home: &std::path::Path, containers: Vec<Container>) -> (Ecs, Services, mpsc::UnboundedReceiver<Value>) {
    let (sent, events) = mpsc::unbounded_channel();
    let invoke: Invoke = Arc::new(move |_, event| {
        let outcome = sent.send(event).map_err(|error| error.to_string());
        Box::pin(async move { outcome })
    });
    let (id, function, bus) = ("F/Tasks".into(), "F".into(), "default".into());
    let rule = EventRule { id, function, bus, pattern: json!({ "source": ["aws.ecs"] }) };
    let bus = Bus::new(&[], &[rule], invoke, Faults::default()).unwrap();
    let value = SecretValue::Given(r#"{"KEY": "sk-1"}"#.into());
    let secret = Secret { name: "secret".into(), arn: "arn:secret".into(), value };
    let secrets = Secrets::open(&secret, &home.join("secret.json"), &BTreeMap::new()).unwrap();
    let host = Host {
        tasks: home.join("tasks"),
        logs: home.join("logs"),
        binaries: home.to_owned(),
        image_variables: BTreeMap::new(),
    };
    let definition = TaskDefinition { family: "sandbox".into(), volumes: vec!["workspace".into()], containers };
    let ecs = Ecs::open(host, vec![definition], secrets.clone(), bus.clone()).unwrap();
    (ecs.clone(), Services { secrets, events: bus, ecs, queues: Sqs::default() }, events)
}

async fn cluster(test: &str, containers: Vec<Container>) -> Cluster {
    let home = testing::folder(test);
    let (ecs, services, events) = open(home.path(), containers);
    let url = testing::serve(router(services)).await;
    Cluster { ecs, client: Client::from_conf(sdk_config!(aws_sdk_ecs, url).build()), events, home }
}

impl Cluster {
    fn run(&self, token: &str, session: &str) -> aws_sdk_ecs::operation::run_task::builders::RunTaskFluentBuilder {
        let vpc = AwsVpcConfiguration::builder().subnets("subnet").build().unwrap();
        let variable = KeyValuePair::builder().name("SESSION_ID").value(session).build();
        let overrides = ContainerOverride::builder().name("runner").environment(variable).build();
        self.client
            .run_task()
            .cluster("c")
            .task_definition("sandbox")
            .client_token(token)
            .started_by(session)
            .network_configuration(NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
            .overrides(TaskOverride::builder().container_overrides(overrides).build())
    }

    async fn started(&self, token: &str) -> String {
        let answer = self.run(token, "ses_1").send().await.unwrap();
        answer.tasks()[0].task_arn().unwrap().to_owned()
    }

    async fn describe(&self, arn: &str) -> Described {
        let answer = self.client.describe_tasks().cluster("c").tasks(arn).send().await.unwrap();
        answer.tasks()[0].clone()
    }

    /// Waits for the event that says so. Events come in no particular order.
    async fn event(&mut self, status: &str) -> Value {
        let next = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if event["detail"]["lastStatus"] == status {
                    return event["detail"].clone();
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.unwrap_or_else(|_| panic!("no task became {status}"))
    }
}

#[tokio::test]
async fn the_same_token_starts_one_task_and_another_request_conflicts() {
    let cluster = cluster("ecs-token", vec![container("runner", "exec sleep 60")]).await;
    let first = cluster.started("ses_1-1").await;
    assert_eq!(cluster.started("ses_1-1").await, first);
    let error = cluster.run("ses_1-1", "ses_2").send().await.unwrap_err().into_service_error();
    assert!(error.is_conflict_exception(), "{error:?}");
    assert_ne!(cluster.started("ses_1-2").await, first);
    cluster.ecs.shut_down().await;
}

#[tokio::test]
async fn containers_get_their_folder_ports_secret_and_overrides() {
    let script = r#"printf '%s|%s|%s|%s' "$ROOT" "$URL" "$KEY" "$SESSION_ID" > "$ROOT/seen"; cp "$ROOT/seen" "$HOME/../../../../seen""#;
    let mut cluster = cluster("ecs-variables", vec![container("runner", script)]).await;
    let arn = cluster.started("t").await;
    cluster.event("STOPPED").await;
    let seen = std::fs::read_to_string(cluster.home.path().join("seen")).unwrap();
    let [root, url, key, session] = seen.split('|').collect::<Vec<_>>()[..] else { panic!("{seen}") };
    assert!(root.ends_with(&format!("tasks/{}/workspace", task::id_of(&arn))), "{root}");
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/x") && !url.contains("4096"), "{url}");
    assert_eq!((key, session), ("sk-1", "ses_1"));
    assert!(!std::path::Path::new(root).exists(), "the disk of a task goes away with it");
}

#[tokio::test]
async fn the_end_of_an_essential_container_ends_the_task_and_tells_its_exit_codes() {
    let ends = container("runner", "exit 3");
    let stays = container("opencode", "exec sleep 60");
    let mut cluster = cluster("ecs-essential", vec![stays, ends]).await;
    let arn = cluster.started("t").await;
    let detail = cluster.event("STOPPED").await;
    assert_eq!(detail["stopCode"], "EssentialContainerExited");
    assert_eq!((&detail["startedBy"], &detail["taskArn"]), (&json!("ses_1"), &json!(arn)));
    let task = cluster.describe(&arn).await;
    let codes: Vec<_> = task.containers().iter().map(|each| (each.name().unwrap(), each.exit_code())).collect();
    assert_eq!(codes, [("opencode", Some(143)), ("runner", Some(3))]);
    assert_eq!(task.last_status(), Some("STOPPED"));
    assert!(task.version() >= 4, "{}", task.version());
}

#[tokio::test]
async fn stop_task_asks_first_and_kills_after_the_stop_timeout() {
    let deaf = container("runner", "trap '' TERM; while :; do sleep 0.05; done");
    let mut cluster = cluster("ecs-stop", vec![deaf]).await;
    let arn = cluster.started("t").await;
    cluster.event("RUNNING").await;
    cluster.client.stop_task().cluster("c").task(&arn).reason("idle").send().await.unwrap();
    cluster.event("STOPPED").await;
    let task = cluster.describe(&arn).await;
    assert_eq!(task.stop_code(), Some(&TaskStopCode::UserInitiated));
    assert_eq!(task.stopped_reason(), Some("idle"));
    assert_eq!(task.containers()[0].exit_code(), Some(137));
}

#[tokio::test]
async fn a_program_that_is_not_there_stops_the_task_with_the_reason() {
    let mut broken = container("runner", "");
    broken.command = vec!["no-such-program".into()];
    let mut cluster = cluster("ecs-broken", vec![broken]).await;
    cluster.started("t").await;
    let detail = cluster.event("STOPPED").await;
    assert_eq!(detail["stopCode"], "TaskFailedToStart");
    assert!(detail["stoppedReason"].as_str().unwrap().contains("no-such-program"), "{detail}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_process_of_a_task_outlives_it_not_even_one_that_left_its_group() {
    let script = r#"setsid sleep 300 & echo $! > "$HOME/../../../../pid"; exit 0"#;
    let mut cluster = cluster("ecs-orphan", vec![container("runner", script)]).await;
    cluster.started("t").await;
    cluster.event("STOPPED").await;
    assert_eq!(container::kill_under(cluster.home.path()), 0);
    assert!(cluster.home.path().join("pid").exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_a_dead_stack_left_behind_is_ended_and_announced_by_the_next() {
    let mut cluster = cluster("ecs-leftover", vec![container("runner", "exec sleep 300")]).await;
    let arn = cluster.started("t").await;
    cluster.event("RUNNING").await;
    // The second stack finds what it would find had the first been killed.
    let (second, _, mut events) = open(cluster.home.path(), Vec::new());
    second.settle();
    let event = tokio::time::timeout(PATIENCE, events.recv()).await.unwrap().unwrap();
    assert_eq!((&event["detail"]["taskArn"], &event["detail"]["lastStatus"]), (&json!(arn), &json!("STOPPED")));
    assert_eq!(container::kill_under(cluster.home.path()), 0);
}
