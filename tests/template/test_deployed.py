"""The real template deployed to MiniStack, its roles enforced, the real functions walked through.

What MiniStack has not: containers, so this plays the runner over the real socket; and
streamed answers, so the functions that stream are invoked past its gateway.
"""

import json
import unittest

import deployment
import ministack

MESSAGES, FILES = "/agent/sessions/{id}/messages", "/api/files"


class Deployed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ministack = ministack.Ministack()
        cls.addClassCleanup(cls.ministack.stop)
        cls.stack = ministack.Deployed(cls.ministack, deployment.source())
        cls.stack.seed()

    def session(self):
        status, told = self.stack.request("POST", "/api/sessions", {"workspace": "/workspace/deployed", "title": "Deployed"})
        self.assertEqual(201, status, told)
        return told["id"]

    def test_the_template_deploys_whole(self):
        self.assertEqual("CREATE_COMPLETE", self.stack.status(), self.stack.reasons())

    def test_the_gateway_leads_to_the_functions_and_refuses_strangers(self):
        self.assertEqual((200, "ok"), self.status_of("GET", "/health", token=None))
        self.assertEqual((401, None), self.status_of("GET", "/api/sessions", token=None))
        self.assertEqual((200, None), self.status_of("GET", "/api/integrations"))
        self.assertEqual((200, None), self.status_of("GET", "/api/tokens"))

    def status_of(self, *arguments, **named):
        status, told = self.stack.request(*arguments, **named)
        return status, told.get("status")

    def test_a_prompt_by_socket_runs_a_turn_that_its_viewer_sees(self):
        session = self.session()
        viewer = self.stack.socket(f"session={session}", token=ministack.TOKEN)
        self.addCleanup(viewer.close)
        viewer.send(json.dumps({"action": "subscribe", "after": 0}))
        self.heard(viewer, "subscribed")
        viewer.send(json.dumps({"action": "prompt", "content": "hello"}))
        self.heard(viewer, "accepted")
        given = self.task_of(session)
        runner = self.stack.socket(f"session={session}", token=given["RUNNER_TOKEN"])
        self.addCleanup(runner.close)
        runner.send(json.dumps({"action": "hello", "epoch": int(given["EPOCH"])}))
        welcome = self.heard(runner, "welcome")
        turn = welcome["turn"]
        self.assertEqual("hello", turn["content"])
        batch = {"action": "append", "epoch": int(given["EPOCH"]), "batch": 1, "after": welcome["head"], "events": [
            {"turn": turn["number"], "type": "text.delta", "message_id": turn["answer_id"], "part_id": "prt_1", "delta": "good day"},
        ]}  # fmt: skip
        runner.send(json.dumps(batch))
        self.heard(runner, "ack")
        while "text.delta" not in [event["type"] for event in self.heard(viewer, "events")]:
            pass
        self.stream("AgentHttpFunction", "POST", f"/agent/sessions/{session}/abort", "/agent/sessions/{id}/abort", 202)
        self.assertEqual(turn["number"], self.heard(runner, "abort")["turn"])
        status, told = self.stack.request("DELETE", f"/api/sessions/{session}")
        self.assertIn(status, (200, 202, 204), told)

    def heard(self, socket, kind):
        """The next frame of this kind."""
        while True:
            frame = json.loads(socket.recv())
            if kind in frame:
                return frame[kind]
            self.assertNotIn("error", frame)

    def task_of(self, session):
        """What the runner of a session's task was given."""
        ecs, cluster = self.ministack.client("ecs"), self.stack.physical("Cluster")

        def tasks():
            arns = ecs.list_tasks(cluster=cluster)["taskArns"]
            told = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
            return [task for task in told if task.get("startedBy") == session]

        ministack.wait_for(tasks)
        (override,) = tasks()[0]["overrides"]["containerOverrides"]
        return {each["name"]: each["value"] for each in override["environment"]}

    def test_a_message_by_http_is_taken_and_read_again(self):
        session = self.session()
        path = f"/agent/sessions/{session}/messages"
        self.stream("AgentHttpFunction", "POST", path, MESSAGES, 202, json.dumps({"content": "hello"}).encode())
        told = json.loads(self.stream("AgentHttpFunction", "GET", path, MESSAGES, 200))
        self.assertEqual("hello", told["messages"][0]["content"])

    def test_a_file_is_uploaded_downloaded_and_deleted(self):
        told = self.stream("FilesFunction", "POST", "/api/files?name=a.txt", FILES, 201, b"some text", "application/octet-stream")
        path = f"/api/files/{json.loads(told)['id']}"
        self.assertEqual(b"some text", self.stream("FilesFunction", "GET", path, "/api/files/{id}", 200))
        self.stream("FilesFunction", "DELETE", path, "/api/files/{id}", 204)
        self.stream("FilesFunction", "GET", path, "/api/files/{id}", 404)

    def stream(self, function, method, path, resource, expected, body=b"", content_type="application/json"):
        status, told = self.stack.stream(function, method, path, resource, body, content_type)
        self.assertEqual(expected, status, told)
        return told

    def test_what_runs_by_the_clock_may_do_what_it_does(self):
        for function in ["AgentEventsFunction", "FilesSweepFunction", "AccountEventsFunction", "IntegrationsSyncFunction"]:
            with self.subTest(function):
                self.stack.invoke(function, {"detail-type": "Scheduled Event", "detail": {}})

    def test_without_its_policy_a_function_is_denied(self):
        iam = self.ministack.client("iam")
        role = self.stack.physical("FilesSweepFunctionRole")
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            iam.delete_role_policy(RoleName=role, PolicyName=name)
            self.addCleanup(iam.put_role_policy, RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
        with self.assertRaises(RuntimeError):
            self.stack.invoke("FilesSweepFunction", {})


if __name__ == "__main__":
    unittest.main()
