"""MiniStack with IAM enforced, and the real template deployed to it with the real functions.

Another hand's AWS than our own local stack: what both take for granted is more likely true.
"""

import base64
import copy
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import boto3
import websocket
from botocore.config import Config

import deployment

REGION, STACK, CODE = "us-east-1", "agent-ops", "code"
USER, TOKEN = "usr_01JQ0000000000000000000000", "test-api-token-12345"
SCOPES = ["sessions:read", "sessions:write", "files:read", "files:write", "integrations:read", "integrations:write", "mcp", "admin"]
PATIENCE = 60
PROGRAM = os.environ.get("MINISTACK", deployment.PROJECT / "target/ministack/bin/ministack")


class Ministack:
    """A running MiniStack; it ends with `stop`."""

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="agent-ops-ministack-"))
        # Functions inherit this, and call what it says: without the address they would call AWS.
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        with (self.folder / "ministack.log").open("w") as log:
            self.process = subprocess.Popen([PROGRAM], env=environment, stdout=log, stderr=log)
        wait_for(lambda: answers(f"{self.url}/_ministack/health"))

    def client(self, service):
        config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, config=config, aws_access_key_id="test", aws_secret_access_key="test"
        )

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Deployed:
    """The template as a stack of a MiniStack."""

    def __init__(self, ministack, template):
        self.ministack = ministack
        s3 = ministack.client("s3")
        s3.create_bucket(Bucket=CODE)
        template = copy.deepcopy(template)
        for name, binary, _ in deployment.binaries(template):
            template["Resources"][name]["Properties"]["CodeUri"] = f"s3://{CODE}/{upload(s3, binary)}"
        template["Globals"]["Function"].pop("CodeUri")
        for statement in statements(template):
            # It judges every call of ECS by its cluster, where AWS asks for the task or its definition.
            if str(statement["Action"]).startswith("ecs:"):
                statement["Resource"] = {"Fn::GetAtt": ["Cluster", "Arn"]}
        # It has no host names for APIs, so the way to @connections is told.
        endpoint = {"Fn::Sub": f"{ministack.url}/_aws/execute-api/${{SocketApi}}/live"}
        for it in template["Resources"].values():
            variables = it.get("Properties", {}).get("Environment", {}).get("Variables", {}) if it["Type"] == "AWS::Serverless::Function" else {}
            if "SOCKET_ENDPOINT" in variables:
                variables["SOCKET_ENDPOINT"] = endpoint
        template["Parameters"]["Architecture"]["Default"] = "x86_64"
        # It knows no metric math.
        for name in [name for name, it in template["Resources"].items() if "Metrics" in it.get("Properties", {})]:
            del template["Resources"][name]
        translated = deployment.translate(template)
        self.cloudformation = ministack.client("cloudformation")
        s3.put_object(Bucket=CODE, Key="template.json", Body=json.dumps(translated))
        where = f"{ministack.url}/{CODE}/template.json"
        self.cloudformation.create_stack(StackName=STACK, TemplateURL=where, Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
        wait_for(lambda: not self.status().endswith("IN_PROGRESS"))

    def status(self):
        return self.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]

    def reasons(self):
        events = self.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        return [(event["LogicalResourceId"], event.get("ResourceStatusReason")) for event in events if "FAILED" in event["ResourceStatus"]]

    def physical(self, name):
        told = self.cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId=name)
        return told["StackResourceDetail"]["PhysicalResourceId"]

    def invoke(self, name, event):
        """What a function answers to an event; its error raises."""
        told = self.ministack.client("lambda").invoke(FunctionName=self.physical(name), Payload=json.dumps(event))
        payload = told["Payload"].read()
        if "FunctionError" in told:
            raise RuntimeError(payload.decode(errors="replace"))
        return payload

    def stream(self, name, method, path, resource, body=b"", content_type="application/json"):
        """Status and body of a request to a function that streams. MiniStack's gateway
        cannot read such answers, so the request goes past it: as the event that it would be."""
        path, _, query = path.partition("?")
        parameters = dict(pair.split("=") for pair in query.split("&") if pair)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": content_type, "Host": "agents.example.com"}
        template, actual = resource.split("/"), path.split("/")
        event = {
            "resource": resource, "path": path, "httpMethod": method, "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": parameters, "multiValueQueryStringParameters": {name: [value] for name, value in parameters.items()},
            "pathParameters": {part[1:-1]: value for part, value in zip(template, actual) if part.startswith("{")},
            "stageVariables": None, "body": base64.b64encode(body).decode(), "isBase64Encoded": True,
            "requestContext": {"requestId": "r", "stage": "live", "httpMethod": method, "path": f"/live{path}", "resourcePath": resource,
                               "accountId": "000000000000", "apiId": "a", "identity": {"sourceIp": "127.0.0.1"}},
        }  # fmt: skip
        # It knows no bytes that are not JSON: it has made a text of them.
        prelude, _, told = json.loads(self.invoke(name, event)).partition("\0" * 8)
        return json.loads(prelude)["statusCode"], told.encode()

    def socket(self, query, token=None):
        """A WebSocket of the socket API's stage."""
        url = f"{self.ministack.url.replace('http', 'ws')}/_aws/execute-api/{self.physical('SocketApi')}/live?{query}"
        header = [f"Authorization: Bearer {token}"] if token else []
        return websocket.create_connection(url, timeout=PATIENCE, header=header)

    def request(self, method, path, body=None, token=TOKEN, headers=None):
        """Status and body of an HTTP request to the REST API."""
        url = f"{self.ministack.url}/_aws/execute-api/{self.physical('Api')}/live{path}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                status, told = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            status, told = refusal.code, refusal.read()
        try:
            return status, json.loads(told)
        except ValueError:
            return status, told.decode(errors="replace")

    def seed(self):
        """A user with a token, as `cargo local up` has one."""
        table, at = self.ministack.client("dynamodb"), "1970-01-01T00:00:00Z"
        name, sha = self.physical("Table"), hashlib.sha256(TOKEN.encode()).hexdigest()
        user = {
            "pk": {"S": f"USER#{USER}"}, "sk": {"S": "PROFILE"}, "id": {"S": USER}, "email": {"S": "dev@example.com"},
            "name": {"S": "Local Developer"}, "avatar_url": {"NULL": True}, "admin": {"BOOL": True}, "created_at": {"S": at},
        }  # fmt: skip
        token = {
            "pk": {"S": f"TOKEN#{sha}"}, "sk": {"S": "TOKEN"}, "id": {"S": "tok_01JQ0000000000000000000000"}, "user_id": {"S": USER},
            "name": {"S": "Local token"}, "scopes": {"L": [{"S": scope} for scope in SCOPES]}, "hint": {"S": "2345"},
            "created_at": {"S": at}, "expires_at": {"NULL": True}, "used_at": {"NULL": True},
        }  # fmt: skip
        for item in (user, token):
            table.put_item(TableName=name, Item=item)


def statements(template):
    """Those of the functions' policies. What is an anchor in the template is one object here."""
    for it in template["Resources"].values():
        if it["Type"] == "AWS::Serverless::Function":
            for policy in it["Properties"].get("Policies", []):
                yield from policy["Statement"]


def upload(s3, binary):
    """A function's code as Lambda takes it, without what a debugger would want of it."""
    with tempfile.TemporaryDirectory() as folder:
        bootstrap = Path(folder) / "bootstrap"
        subprocess.run(["strip", "-o", bootstrap, deployment.BINARIES / binary], check=True)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, bootstrap.read_bytes())
    s3.put_object(Bucket=CODE, Key=f"{binary}.zip", Body=packed.getvalue())
    return f"{binary}.zip"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=1).status == 200
    except OSError:
        return False


def wait_for(condition):
    """Waits until it holds. Nothing tells of it, so it is asked for."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come about in time")
        time.sleep(0.2)
