"""The template says what it means, and each check catches the fault that it is there for."""

import copy
import json
import subprocess
import tempfile
import unittest

import checks
import deployment


class Clean(unittest.TestCase):
    """The template as it is."""

    @classmethod
    def setUpClass(cls):
        cls.template = deployment.source()
        cls.translated = deployment.translate(cls.template)

    def test_sam_validates_and_lints_it(self):
        clean, told = deployment.run_tool("sam", "validate", "--lint", "--template", str(deployment.TEMPLATE))
        self.assertTrue(clean, told)

    def test_its_translation_passes_cfn_lint(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.translated, file)
            file.flush()
            clean, told = deployment.run_tool("cfn-lint", "--template", file.name)
        self.assertTrue(clean, told)

    def test_every_check_passes(self):
        for check in [
            checks.permissions,
            checks.route_keys,
            checks.timeouts,
            checks.document,
            checks.origins,
            checks.watched,
            checks.public,
            checks.policies,
        ]:
            with self.subTest(check.__doc__):
                self.assertEqual([], list(check(self.translated)))

    def test_every_function_starts_with_its_variables(self):
        self.assertEqual([], list(checks.variables(self.template)))

    def test_sam_finds_every_binary(self):
        self.assertEqual([], list(checks.built(self.template, deployment.metadata())))


class AtTheEdge(unittest.TestCase):
    """The two functions that CloudFront runs, run by Node."""

    def request(self, function, uri, query=None):
        code = deployment.source()["Resources"][function]["Properties"]["FunctionCode"]
        event = {"request": {"method": "GET", "uri": uri, "querystring": query or {}, "headers": {}}}
        script = f"{code}; console.log(JSON.stringify(handler({json.dumps(event)})))"
        return json.loads(subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True).stdout)

    def test_pages_are_the_clients_and_files_are_files(self):
        for uri, expected in [
            ("/", "/index.html"),
            ("/sessions/ses_1", "/index.html"),
            ("/assets/index-1a2b.js", "/assets/index-1a2b.js"),
            ("/a.b/page", "/index.html"),
        ]:
            with self.subTest(uri):
                self.assertEqual(expected, self.request("PageRouter", uri)["uri"])

    def test_a_sessions_socket_is_the_stage_that_is_told_the_session(self):
        told = self.request("SocketRouter", "/agent/sessions/ses_1/ws", {"ticket": {"value": "t"}})
        self.assertEqual("/live", told["uri"])
        self.assertEqual({"ticket": {"value": "t"}, "session": {"value": "ses_1"}}, told["querystring"])


class Seeded(unittest.TestCase):
    """A fault of each class, put in and found."""

    def setUp(self):
        self.template = deployment.source()

    def resource(self, name):
        return self.template["Resources"][name]["Properties"]

    def found(self, check, expected):
        translated = deployment.translate(self.template)
        self.assertIn(expected, list(check(translated)))

    def test_a_removed_permission(self):
        translated = deployment.translate(self.template)
        removed = [name for name in deployment.of_type(translated, "AWS::Lambda::Permission")]
        for name in removed:
            with self.subTest(name):
                without = copy.deepcopy(translated)
                del without["Resources"][name]
                self.assertEqual(1, len(list(checks.permissions(without))))

    def test_a_policy_widened_to_every_action(self):
        self.resource("SessionsFunction")["Policies"][0]["Statement"][0]["Action"] = ["dynamodb:*"]
        self.found(checks.policies, "SessionsFunctionRole allows dynamodb:*")

    def test_a_policy_widened_to_every_resource(self):
        statement = self.resource("SessionsFunction")["Policies"][0]["Statement"][0]
        statement.update(Action=["dynamodb:GetItem"], Resource="*")
        self.found(checks.policies, "SessionsFunctionRole allows dynamodb:GetItem on everything")

    def test_a_managed_policy(self):
        self.resource("SessionsFunction")["Policies"].append("arn:aws:iam::aws:policy/AmazonS3FullAccess")
        self.found(checks.policies, "SessionsFunctionRole has the managed policy arn:aws:iam::aws:policy/AmazonS3FullAccess")

    def test_a_right_for_the_sandbox(self):
        self.resource("TaskRole")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
        self.found(checks.policies, "TaskRole is not empty: what the agent runs would have its rights")

    def test_a_misspelt_route_key(self):
        routes = self.resource("SocketApi")["Routes"]
        routes["connect"] = routes.pop("$connect")
        self.found(checks.route_keys, "the WebSocket API lacks the route $connect")

    def test_a_timeout_over_the_gateways_limit(self):
        self.resource("AgentSocketFunction")["Timeout"] = 30
        self.found(checks.timeouts, "AgentSocketFunction may run for 30 s; its gateway waits for 29 s")
        self.resource("AgentHttpFunction")["Events"]["Abort"]["Properties"].pop("ResponseTransferMode")
        self.found(checks.timeouts, "AgentHttpFunction may run for 900 s; its gateway waits for 29 s")

    def test_a_missing_variable(self):
        for function, _, given in deployment.binaries(self.template):
            if "TABLE_NAME" in given:
                self.template["Globals"]["Function"]["Environment"]["Variables"].pop("TABLE_NAME", None)
                self.assertIn(f"{function} is not given TABLE_NAME", list(checks.variables(self.template)))

    def test_a_binary_that_sam_does_not_find(self):
        metadata = deployment.metadata()
        self.template["Resources"]["FilesFunction"]["Metadata"]["BuildProperties"]["Binary"] = "file"
        told = "FilesFunction is built from file, which cargo does not find in the project's root"
        self.assertEqual([told], list(checks.built(self.template, metadata)))
        metadata["workspace_default_members"] = []
        self.assertEqual(len(list(deployment.binaries(self.template))), len(list(checks.built(self.template, metadata))))

    def test_a_missing_and_an_unknown_route(self):
        route = self.resource("SessionsFunction")["Events"]["ListSessions"]["Properties"]
        route["Path"] = "/api/sesions"
        self.found(checks.document, "no function answers GET /api/sessions")
        self.found(checks.document, "GET /api/sesions is deployed and not documented")

    def test_a_route_that_cloudfront_leads_elsewhere(self):
        behaviors = self.resource("Distribution")["DistributionConfig"]["CacheBehaviors"]
        behaviors[:] = [it for it in behaviors if it["PathPattern"] != "/health"]
        self.found(checks.origins, "Distribution leads /health to client")

    def test_a_function_that_no_alarm_looks_at(self):
        metrics = self.resource("FunctionErrorsAlarm")["Metrics"]
        metrics[:] = [it for it in metrics if "FilesFunction" not in str(it)]
        self.found(checks.watched, "no alarm looks at FilesFunction")

    def test_a_public_bucket(self):
        self.resource("Bucket")["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = False
        self.found(checks.public, "the bucket Bucket does not block public access")

    def test_an_open_port(self):
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
        self.resource("TaskSecurityGroup")["SecurityGroupIngress"] = [rule]
        self.found(checks.public, "the security group TaskSecurityGroup lets connections in")

    def test_a_function_url(self):
        self.resource("SessionsFunction")["FunctionUrlConfig"] = {"AuthType": "NONE"}
        self.found(checks.public, "SessionsFunctionUrl is a function URL, which answers past the gateway")


if __name__ == "__main__":
    unittest.main()
