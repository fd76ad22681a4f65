// A Lambda Runtime API client: polls for an event, answers it, polls again.
import { Agent, request } from "node:http";
import { handler } from "./handler.mjs";

const base = new URL(`${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/`);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const options = { agent, method, headers: body ? { "content-length": Buffer.byteLength(body) } : {} };
    const sent = request(new URL(base.href.replace(/\/$/, "") + path), options, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(chunks).toString() }));
      answer.on("error", reject);
    });
    sent.setNoDelay(true);
    sent.on("error", reject);
    sent.end(body);
  });
}

for (;;) {
  const next = await call("GET", "/invocation/next");
  const id = next.headers["lambda-runtime-aws-request-id"];
  try {
    const answer = await handler(JSON.parse(next.body));
    await call("POST", `/invocation/${id}/response`, JSON.stringify(answer));
  } catch (error) {
    const body = JSON.stringify({ errorType: error.name, errorMessage: error.message });
    await call("POST", `/invocation/${id}/error`, body);
  }
}
