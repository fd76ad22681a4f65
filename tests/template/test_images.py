"""The Dockerfiles, without a registry and without docker: linted, and the last stage's
steps carried out in a Debian of our own where this machine can make one."""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

import deployment

FOLDER = Path(os.environ.get("IMAGES", deployment.PROJECT / "target/images"))
IMAGES = ["infra/opencode/Dockerfile", "infra/runner/Dockerfile"]
CAN_MAKE_ROOTS = os.geteuid() == 0 and shutil.which("mmdebstrap") is not None


def instructions(name):
    """(instruction, arguments) of an image's last stage."""
    text = re.sub(r"\\\n", " ", (deployment.PROJECT / name).read_text())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    last = max(n for n, line in enumerate(lines) if line.startswith("FROM "))
    return [tuple(line.split(None, 1)) for line in lines[last:]]


class Linted(unittest.TestCase):
    def test_hadolint_has_nothing_to_say(self):
        for name in IMAGES:
            with self.subTest(name):
                clean, told = deployment.run_tool("hadolint", name)
                self.assertTrue(clean, told)

    def test_it_would_have_something_to_say(self):
        told = subprocess.run(
            [deployment.TOOLS / "hadolint", "-"], input="FROM debian\nUSER root\n", capture_output=True, text=True
        ).stdout
        self.assertIn("DL3006", told)

    def test_nothing_runs_as_root_and_nothing_secret_is_built_in(self):
        for name in IMAGES:
            with self.subTest(name):
                told = instructions(name)
                users = [value for kind, value in told if kind == "USER"]
                self.assertEqual(["1000:1000"], users[-1:])
                self.assertNotIn("ADD", [kind for kind, _ in told])
                self.assertNotRegex(" ".join(value for kind, value in told if kind in ("ENV", "ARG")), r"(?i)key|token|password|secret")


@unittest.skipUnless(CAN_MAKE_ROOTS, "needs mmdebstrap and root to make a Debian")
class CarriedOut(unittest.TestCase):
    """The agent's image, as far as it goes without its build stages: those compile what is copied in here."""

    @classmethod
    def setUpClass(cls):
        cls.root = FOLDER / "opencode"
        shutil.rmtree(cls.root, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        base = FOLDER / "debian.tar"
        if not base.exists():
            made = FOLDER / "debian.part.tar"
            subprocess.run(["mmdebstrap", "--variant=minbase", "--quiet", "bookworm", made], check=True)
            made.rename(base)
        cls.root.mkdir()
        subprocess.run(["tar", "--extract", "--file", base, "--directory", cls.root, "--exclude=./dev/*"], check=True)
        shutil.copy("/etc/resolv.conf", cls.root / "etc/resolv.conf")
        sources = {"/src/target/release/runner": deployment.BINARIES / "runner", "/opencode/opencode": os.environ["OPENCODE_BIN"]}
        for kind, value in instructions(IMAGES[0]):
            if kind == "RUN":
                cls.run_in(value.strip())
            if kind == "COPY":
                _, source, target = value.split()
                shutil.copy(sources[source], cls.root / target.lstrip("/"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root, ignore_errors=True)

    @classmethod
    def run_in(cls, command, user=None):
        # What every container has; gone with the namespace.
        mounts = 'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$@"'
        who = [f"--userspec={user}"] if user else []
        chroot = ["unshare", "--mount", "sh", "-c", mounts, cls.root, *who, cls.root, "sh", "-c", command]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/home/agent", "LANG": "C.UTF-8"}
        told = subprocess.run(chroot, env=environment, capture_output=True, text=True)
        if told.returncode != 0:
            raise AssertionError(f"{command}: {told.stdout}{told.stderr}")
        return told.stdout

    def test_the_agents_tools_are_there_for_a_user_that_is_not_root(self):
        for command in ["rg --version", "git --version", "opencode --version", "test ! -w /usr/local/bin/runner", "touch /workspace/x /data/x"]:
            with self.subTest(command):
                self.run_in(command, user="1000:1000")

    def test_the_supervisor_starts_and_asks_for_its_session(self):
        told = self.run_in(
            "WORKSPACE_ROOT=/workspace DATA_ROOT=/data OPENCODE_PORT=4096 OPENCODE_BIN=/usr/local/bin/opencode "
            "GATEWAY_URL=http://127.0.0.1:9 LOG_LEVEL=debug timeout --preserve-status --signal=TERM 2 runner supervise 2>&1 || true",
            user="1000:1000",
        )
        self.assertIn("no setup yet", told)


if __name__ == "__main__":
    unittest.main()
