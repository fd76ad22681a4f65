"""What `infra/deploy` has the tools of AWS do, told by stand-ins that write down how they were called."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from deployment import PROJECT

# Answers as the CLI's `--output text`; a stack that is not there is an error.
AWS = """#!/bin/sh
echo "aws $*" >>"$CALLS"
case "$*" in
*describe-stacks*Parameters*Architecture*) cat "$DEPLOYED" || exit 254 ;;
*describe-stacks*Parameters*) echo "" ;;
*OutputKey==\\'SiteUrl\\'*) echo https://d1.cloudfront.net ;;
*OutputKey==\\'*RepositoryUri\\'*) echo 1.dkr.ecr/repository ;;
*OutputKey==\\'ClientBucketName\\'*) echo client-bucket ;;
*) echo id ;;
esac
"""
SAM = """#!/bin/sh
echo "sam $*" >>"$CALLS"
[ "$1" = deploy ] || exit 0
case "$*" in
*Architecture=x86_64*) echo x86_64 >"$DEPLOYED" ;;
*) [ -e "$DEPLOYED" ] || echo arm64 >"$DEPLOYED" ;;
esac
"""
OTHER = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
[ "$2" != login ] || cat >/dev/null
"""


class Deploys(unittest.TestCase):
    def deploy(self, *arguments, stack_architecture=None, **variables):
        """Every call, in order; without its architecture there is no stack yet."""
        with tempfile.TemporaryDirectory() as folder:
            calls, deployed = Path(folder, "calls"), Path(folder, "deployed")
            if stack_architecture:
                deployed.write_text(stack_architecture)
            for name, script in {"aws": AWS, "sam": SAM, "docker": OTHER, "npm": OTHER}.items():
                Path(folder, name).write_text(script)
                Path(folder, name).chmod(0o755)
            environment = os.environ | variables | {
                "PATH": f"{folder}:{os.environ['PATH']}",
                "CALLS": str(calls),
                "DEPLOYED": str(deployed),
            }
            command = [PROJECT / "infra/deploy", "agent-ops", *arguments]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertIn("deployed: https://d1.cloudfront.net", done.stdout)
            return calls.read_text().splitlines()

    def test_a_first_deployment_is_followed_by_images_address_and_client(self):
        calls = [call for call in self.deploy("--guided") if "describe-stacks" not in call]
        self.assertEqual("sam build --parameter-overrides Architecture=arm64", calls[0])
        self.assertTrue(calls[1].startswith("sam deploy --stack-name agent-ops") and calls[1].endswith("--guided"), calls[1])
        images = [call for call in calls if call.startswith("docker buildx")]
        self.assertEqual(["linux/arm64"] * 2, [call.split("--platform ")[1].split()[0] for call in images])
        second = next(call for call in calls[2:] if call.startswith("sam deploy"))
        for told in ["PublicUrl=https://d1.cloudfront.net", "OpencodeImage=1.dkr.ecr/repository:", "RunnerImage=1.dkr.ecr/repository:"]:
            self.assertIn(told, second)
        self.assertIn("aws s3 sync client/dist s3://client-bucket", calls[-3])
        self.assertIn("aws s3 cp client/dist/index.html s3://client-bucket/index.html", calls[-2])
        self.assertIn("aws cloudfront create-invalidation", calls[-1])

    def test_functions_and_images_are_built_for_the_processor_that_is_asked_for(self):
        calls = self.deploy("--parameter-overrides", "StorageGib=5", "Architecture=x86_64")
        self.assertIn("sam build --parameter-overrides Architecture=x86_64", calls)
        self.assertEqual(2, sum("--platform linux/amd64" in call for call in calls))

    def test_an_upgrade_is_built_for_the_processor_that_the_stack_has(self):
        calls = self.deploy("--no-confirm-changeset", stack_architecture="x86_64", SKIP_IMAGES="1")
        self.assertIn("sam build --parameter-overrides Architecture=x86_64", calls)
        self.assertFalse(any(call.startswith("docker") for call in calls))


if __name__ == "__main__":
    unittest.main()
