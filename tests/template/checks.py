"""What no linter sees. Each check takes the translated template and returns what is wrong with it, a line each."""

import fnmatch
import os
import re
import subprocess

import deployment
from deployment import logical_id, of_type

# API Gateway: seconds that it waits for a whole answer, and for the end of a streamed one.
BUFFERED_LIMIT, STREAMED_LIMIT = 29, 900
# Between our own parts; no client calls it.
INTERNAL = {("POST", f"/agent/sessions/{{}}/{what}") for what in ("append", "outputs", "git")}
SOCKET_KEYS = {"$connect", "$disconnect", "$default"}
# Actions that AWS offers for no narrower resource than all.
WITHOUT_RESOURCE = {"ecr:GetAuthorizationToken"}
MANAGED = {
    "TaskExecutionRole": {"AmazonECSTaskExecutionRolePolicy"},
    # Writes its own logs. SAM gives it to every function.
    None: {"AWSLambdaBasicExecutionRole"},
}
CLOUDFRONT = "cloudfront.amazonaws.com"


def rest_routes(translated):
    """(method, path, function, streamed) of every route of the REST API."""
    for api in of_type(translated, "AWS::ApiGateway::RestApi").values():
        for path, methods in api["Properties"]["Body"]["paths"].items():
            for method, told in methods.items():
                integration = told.get("x-amazon-apigateway-integration", {})
                # A mock answers preflights without a function.
                if integration.get("type") == "aws_proxy":
                    function = logical_id(integration["uri"])
                    yield method.upper(), path, function, integration.get("responseTransferMode") == "STREAM"


def socket_routes(translated):
    """(route key, function) of every route of the WebSocket API."""
    integrations = of_type(translated, "AWS::ApiGatewayV2::Integration")
    for route in of_type(translated, "AWS::ApiGatewayV2::Route").values():
        target = route["Properties"]["Target"]["Fn::Join"][1][1]["Ref"]
        uri = integrations[target]["Properties"]["IntegrationUri"]["Fn::Sub"]
        yield route["Properties"]["RouteKey"], logical_id(uri[1]["FunctionArn"])


def permissions(translated):
    """Every gateway route and rule may call its function."""
    given = set()
    for permission in of_type(translated, "AWS::Lambda::Permission").values():
        told = permission["Properties"]
        source = told.get("SourceArn", {})
        if "Fn::Sub" in source:
            text = source["Fn::Sub"] if isinstance(source["Fn::Sub"], str) else source["Fn::Sub"][0]
            origin = text.split("/", 2)[2]
        else:
            origin = logical_id(source)
        given.add((told["Principal"], logical_id(told["FunctionName"]), origin))
    for method, path, function, _ in rest_routes(translated):
        asked = ("apigateway.amazonaws.com", function, method + re.sub(r"{[^}]*}", "*", path))
        if asked not in given:
            yield f"API Gateway may not call {function} for {method} {path}"
    for key, function in socket_routes(translated):
        if ("apigateway.amazonaws.com", function, key) not in given:
            yield f"API Gateway may not call {function} for the route {key}"
    for name, rule in of_type(translated, "AWS::Events::Rule").items():
        for target in rule["Properties"]["Targets"]:
            function = logical_id(target["Arn"])
            if function in of_type(translated, "AWS::Lambda::Function") and (
                ("events.amazonaws.com", function, name) not in given
            ):
                yield f"EventBridge may not call {function} for the rule {name}"


def route_keys(translated):
    """The WebSocket API has its three routes; our frames name actions of their own, which all go to $default."""
    keys = {key for key, _ in socket_routes(translated)}
    for key in sorted(keys ^ SOCKET_KEYS):
        yield f"the WebSocket API {'has' if key in keys else 'lacks'} the route {key}"


def timeouts(translated):
    """No function outlives the gateway that waits for it."""
    functions = of_type(translated, "AWS::Lambda::Function")
    limits = [(function, STREAMED_LIMIT if streamed else BUFFERED_LIMIT) for *_, function, streamed in rest_routes(translated)]
    limits += [(function, BUFFERED_LIMIT) for _, function in socket_routes(translated)]
    for function, limit in sorted(set(limits)):
        timeout = functions[function]["Properties"].get("Timeout", 3)
        if timeout > limit:
            yield f"{function} may run for {timeout} s; its gateway waits for {limit} s"


def variables(template):
    """Every function starts with the variables that it is given, asking the real binary."""
    for function, binary, given in deployment.binaries(template):
        # Nobody listens at port 9: a function that got as far as the Runtime API has all that it needs.
        environment = {name: "x" for name in given} | {
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_LOG_GROUP_NAME": "x",
            "AWS_LAMBDA_LOG_STREAM_NAME": "x",
            "AWS_REGION": "eu-central-1",
            "PATH": os.environ["PATH"],
        }
        told = subprocess.run([deployment.BINARIES / binary], env=environment, capture_output=True, text=True, timeout=60)
        missing = re.search(r"the environment variable (\w+) is not set", told.stdout + told.stderr)
        if missing:
            yield f"{function} is not given {missing[1]}"


def built(template, metadata):
    """`sam build` runs `cargo lambda build --bin` in the project's root, which looks at the default members alone."""
    members = set(metadata["workspace_default_members"])
    packages = [package for package in metadata["packages"] if package["id"] in members]
    targets = [target for package in packages for target in package["targets"]]
    found = {target["name"] for target in targets if "bin" in target["kind"]}
    for function, binary, _ in deployment.binaries(template):
        if binary not in found:
            yield f"{function} is built from {binary}, which cargo does not find in the project's root"


def document(translated):
    """The gateway has the routes of the OpenAPI document and no others."""
    documented = {
        (method.upper(), unnamed(path))
        for path, methods in deployment.document()["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }
    deployed = {(method, unnamed(path)) for method, path, *_ in rest_routes(translated)}
    for method, path in sorted(documented - deployed):
        yield f"no function answers {method} {path}"
    for method, path in sorted(deployed - documented - INTERNAL):
        yield f"{method} {path} is deployed and not documented"


def origins(translated):
    """CloudFront leads every route to the API, a session's socket to the socket API, and pages to the client."""
    for name, distribution in of_type(translated, "AWS::CloudFront::Distribution").items():
        told = distribution["Properties"]["DistributionConfig"]
        behaviors = [(it["PathPattern"], it) for it in told["CacheBehaviors"]]

        def leads(path):
            found = (it for pattern, it in behaviors if fnmatch.fnmatchcase(path, pattern))
            return next(found, told["DefaultCacheBehavior"])

        for method, path, *_ in rest_routes(translated):
            behavior = leads(re.sub(r"{[^}]*}", "x", path))
            if behavior["TargetOriginId"] != "api":
                yield f"{name} leads {path} to {behavior['TargetOriginId']}"
            elif method not in behavior["AllowedMethods"]:
                yield f"{name} lets no {method} through to {path}"
        for path, origin in (("/agent/sessions/x/ws", "socket"), ("/sessions/x", "client"), ("/", "client")):
            if leads(path)["TargetOriginId"] != origin:
                yield f"{name} leads {path} to {leads(path)['TargetOriginId']}"


def watched(translated):
    """An alarm looks at every function and at every dead-letter queue."""
    seen = set()
    for alarm in of_type(translated, "AWS::CloudWatch::Alarm").values():
        for metric in alarm["Properties"].get("Metrics", []):
            for dimension in metric.get("MetricStat", {}).get("Metric", {}).get("Dimensions", []):
                seen.add(logical_id(dimension["Value"]))
    for kind in ("AWS::Lambda::Function", "AWS::SQS::Queue"):
        for name in of_type(translated, kind):
            if name not in seen:
                yield f"no alarm looks at {name}"


def unnamed(path):
    return re.sub(r"{[^}]*}", "{}", path)


def public(translated):
    """Nothing answers the world but the gateways and CloudFront."""
    blocks = {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    for name, bucket in of_type(translated, "AWS::S3::Bucket").items():
        told = bucket["Properties"].get("PublicAccessBlockConfiguration", {})
        if {block for block in blocks if told.get(block) is True} != blocks:
            yield f"the bucket {name} does not block public access"
    for name, policy in of_type(translated, "AWS::S3::BucketPolicy").items():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow" and statement["Principal"] != {"Service": CLOUDFRONT}:
                yield f"the bucket policy {name} lets others than CloudFront in"
    for name in of_type(translated, "AWS::Lambda::Url"):
        yield f"{name} is a function URL, which answers past the gateway"
    for name, permission in of_type(translated, "AWS::Lambda::Permission").items():
        if permission["Properties"]["Principal"] == "*" or "SourceArn" not in permission["Properties"]:
            yield f"{name} lets anybody call a function"
    for name, group in of_type(translated, "AWS::EC2::SecurityGroup").items():
        if group["Properties"].get("SecurityGroupIngress"):
            yield f"the security group {name} lets connections in"
    for name in of_type(translated, "AWS::EC2::SecurityGroupIngress"):
        yield f"{name} lets connections in"


def statements(role):
    for policy in role["Properties"].get("Policies", []):
        told = policy["PolicyDocument"]["Statement"]
        yield from told if isinstance(told, list) else [told]


def actions(statement):
    told = statement["Action"]
    return told if isinstance(told, list) else [told]


def policies(translated):
    """Roles name their actions and resources; the sandbox has none."""
    for name, role in of_type(translated, "AWS::IAM::Role").items():
        for statement in statements(role):
            for action in actions(statement):
                if "*" in action:
                    yield f"{name} allows {action}"
            resources = statement["Resource"]
            if "*" in (resources if isinstance(resources, list) else [resources]) and (
                not set(actions(statement)) <= WITHOUT_RESOURCE
            ):
                yield f"{name} allows {', '.join(actions(statement))} on everything"
        for managed in role["Properties"].get("ManagedPolicyArns", []):
            text = managed if isinstance(managed, str) else str(managed)
            if not any(policy in text for policy in MANAGED.get(name, MANAGED[None])):
                yield f"{name} has the managed policy {text}"
    task = translated["Resources"]["TaskRole"]
    if list(statements(task)) or task["Properties"].get("ManagedPolicyArns"):
        yield "TaskRole is not empty: what the agent runs would have its rights"
