// A local stack as a process of its own, with the real binaries, for as long as the walks take.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** All walks call as one user, as fast as they can. */
const LOOSE = ["REQUESTS_PER_MINUTE=10000000", "TOKEN_REQUESTS_PER_MINUTE=10000000", "MESSAGES_PER_HOUR=1000000", "SANDBOXES_AT_ONCE=100"];

export class Stack {
  private constructor(
    private readonly child: ChildProcess,
    private readonly home: string,
    readonly origin: string,
    readonly token: string,
    /** GitHub's and Google's fakes. */
    readonly fakes: string,
  ) {}

  /** Starts what `LOCAL` names, the program behind `cargo local`; it builds nothing. */
  static async start(): Promise<Stack> {
    const program = process.env.LOCAL;
    if (!program) throw new Error("run `cargo local test --only browser`: it builds what the walks need");
    const home = await mkdtemp(join(tmpdir(), "agent-ops-browser-"));
    const port = await freePort();
    // By the name that browsers count as secure. Of all origins the bucket answers pages of this one only.
    const origin = `http://localhost:${port}`;
    const settings = [...LOOSE, `PUBLIC_URL=${origin}`].flatMap((setting) => ["--set", setting]);
    const child = spawn(program, ["stack", "--memory", "--home", home, "--port", `${port}`, ...settings], { stdio: ["pipe", "pipe", "inherit"] });
    for await (const line of createInterface({ input: child.stdout! })) {
      const { token, fakes } = JSON.parse(line);
      return new Stack(child, home, origin, token, fakes);
    }
    throw new Error("the stack did not start");
  }

  /** The API as the seeded user. */
  async api<T = any>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const answer = await fetch(`${this.origin}${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text || "null");
  }

  /** Closes its stdin, upon which it stops everything that it started. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.stdin!.end();
    await ended;
    await rm(this.home, { recursive: true, force: true });
  }
}

/** As the system gives it away. */
const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
