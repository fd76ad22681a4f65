// The sessions function's create and list as one would write them in Node: hono,
// the document client, one connection that is kept. The same reads and writes on
// the same table, the same checks, one log line per request.
import { createHash } from "node:crypto";
import { Agent } from "node:http";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { Hono } from "hono";
import { ulid } from "ulid";

const TableName = process.env.TABLE_NAME;
const db = DynamoDBDocumentClient.from(
  new DynamoDBClient({ requestHandler: { httpAgent: new Agent({ keepAlive: true }) } }),
);

const app = new Hono();

const fail = (c, status, code, message) =>
  c.json({ error: { code, message, request_id: c.env.requestContext.requestId } }, status);

app.use("/api/*", async (c, next) => {
  const [scheme, token] = (c.req.header("authorization") ?? "").split(" ");
  if (scheme.toLowerCase() !== "bearer" || !token) return fail(c, 401, "unauthenticated", "send an API token");
  const hash = createHash("sha256").update(token).digest("hex");
  const found = await db.send(
    new GetCommand({ TableName, Key: { pk: `TOKEN#${hash}`, sk: "TOKEN" }, ConsistentRead: true }),
  );
  const record = found.Item;
  if (!record || (record.expires_at && Date.parse(record.expires_at) <= Date.now()))
    return fail(c, 401, "invalid_token", "the token is not known, has expired or was revoked");
  c.set("user", record.principal.user_id);
  await next();
});

const view = (s) => ({
  id: s.id, user_id: s.owner, title: s.title, status: s.terminated_at ? "terminated" : "idle",
  workspace: s.workspace, metadata: s.metadata, model: s.model, queued: 0, usage: s.usage,
  created_at: s.created_at, last_active_at: s.last_active_at,
});

app.post("/api/sessions", async (c) => {
  const body = await c.req.json().catch(() => null);
  if (!body || typeof body !== "object") return fail(c, 400, "invalid_body", "the body is not JSON");
  const unknown = Object.keys(body).find((key) => !["workspace", "title", "metadata", "model"].includes(key));
  if (unknown) return fail(c, 400, "invalid_body", `unknown field ${unknown}`);
  const workspace = body.workspace ?? "/workspace";
  if (!workspace.startsWith("/workspace") || workspace.split("/").includes(".."))
    return fail(c, 400, "invalid_workspace", "the workspace is a folder under /workspace");
  if ((body.title ?? "").length > 200) return fail(c, 400, "invalid_body", "title has at most 200 characters");
  if (JSON.stringify(body.metadata ?? {}).length > 4096) return fail(c, 400, "invalid_body", "metadata is at most 4 KB");
  const now = new Date().toISOString();
  const owner = c.get("user");
  const session = {
    owner, id: `ses_${ulid()}`, title: body.title ?? "", workspace, model: body.model ?? null,
    metadata: body.metadata ?? {}, created_at: now, last_active_at: now, rev: 1, epoch: 0, task_epoch: 0, head: 0,
    next_turn: 1, turn: null, runner: { state: "absent" }, terminated_at: null,
    usage: { input_tokens: 0, output_tokens: 0, reasoning_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0, cost_usd: 0 },
  };
  await db.send(
    new PutCommand({
      TableName,
      Item: { pk: `USER#${owner}`, sk: `SES#${session.id}`, ...session },
      ConditionExpression: "attribute_not_exists(pk)",
    }),
  );
  return c.json(view(session), 201);
});

app.get("/api/sessions", async (c) => {
  const limit = Number(c.req.query("limit") ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return fail(c, 400, "invalid_limit", "limit is 1 to 100");
  const page = await db.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": `USER#${c.get("user")}`, ":prefix": "SES#" },
      ScanIndexForward: false,
      Limit: limit + 1,
    }),
  );
  const sessions = page.Items.slice(0, limit).map(view);
  return c.json({ sessions, next_cursor: page.Items.length > limit ? sessions.at(-1).id : null });
});

export async function handler(event) {
  const query = new URLSearchParams(event.queryStringParameters ?? {}).toString();
  const url = `http://${event.headers.host}${event.path}${query ? `?${query}` : ""}`;
  const request = new Request(url, { method: event.httpMethod, headers: event.headers, body: event.body ?? undefined });
  const response = await app.fetch(request, event);
  const headers = Object.fromEntries(response.headers);
  process.stderr.write(
    `${JSON.stringify({ level: "INFO", message: "request answered", "request.method": event.httpMethod, "response.status": response.status })}\n`,
  );
  return { statusCode: response.status, headers, body: await response.text(), isBase64Encoded: false };
}
