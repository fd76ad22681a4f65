"""template.yaml as it is written, and as CloudFormation would get it."""

import copy
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
os.environ["SAM_CLI_TELEMETRY"] = "0"

from samcli.lib.translate.sam_template_validator import SamTemplateValidator  # noqa: E402
from samcli.yamlhelper import yaml_parse  # noqa: E402

# The translator minds that nobody collects its metrics.
logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE = PROJECT / "template.yaml"
BINARIES = Path(os.environ.get("BINARIES", PROJECT / "target/debug"))
TOOLS = Path(sys.executable).parent
POLICIES = "arn:aws:iam::aws:policy/service-role/"


class ManagedPolicies:
    """The few managed policies that the translator itself refers to; read from AWS otherwise."""

    def load(self):
        names = ["AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole", "AWSLambdaVPCAccessExecutionRole"]
        return {name: POLICIES + name for name in names}


def source():
    """The template as it is written."""
    return yaml_parse(TEMPLATE.read_text())


def translate(template):
    """The template as SAM translates it. Raises with SAM's reason."""
    validator = SamTemplateValidator(copy.deepcopy(template), ManagedPolicies(), parameter_overrides=parameters(template))
    return yaml_parse(validator.get_translated_template_if_valid())


def parameters(template):
    return {name: str(told["Default"]) for name, told in template["Parameters"].items() if "Default" in told}


def binaries(template):
    """(function, binary, variables) of the template as it is written."""
    shared = template["Globals"]["Function"].get("Environment", {}).get("Variables", {})
    for name, it in template["Resources"].items():
        if it["Type"] == "AWS::Serverless::Function":
            own = it["Properties"].get("Environment", {}).get("Variables", {})
            yield name, it["Metadata"]["BuildProperties"]["Binary"], {**shared, **own}


def metadata():
    """What cargo knows of the workspace."""
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]
    return json.loads(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout)


def document():
    """The OpenAPI document of the HTTP surface."""
    return json.loads((PROJECT / "shared/wire/openapi.json").read_text())


def run_tool(name, *arguments):
    """A tool of this environment; its output and whether it found nothing to complain of."""
    told = subprocess.run([TOOLS / name, *arguments], cwd=PROJECT, capture_output=True, text=True)
    return told.returncode == 0, told.stdout + told.stderr


def of_type(translated, kind):
    return {name: it for name, it in translated["Resources"].items() if it["Type"] == kind}


def logical_id(value):
    """The resource that a reference names, however it is written."""
    if isinstance(value, dict):
        (kind, inner), *_ = value.items()
        if kind == "Ref":
            return inner
        if kind == "Fn::GetAtt":
            return inner[0] if isinstance(inner, list) else inner.split(".")[0]
        if kind == "Fn::Sub":
            return logical_id(inner[0] if isinstance(inner, list) else inner)
    if isinstance(value, str) and "${" in value:
        # The last reference of a Sub: "…functions/${Function.Arn}/invocations"
        names = [part.split("}")[0].split(".")[0] for part in value.split("${")[1:]]
        return next((name for name in reversed(names) if not name.startswith("AWS::")), None)
    return None
