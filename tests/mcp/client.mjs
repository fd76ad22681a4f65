// The official SDK's client at `/mcp`: lists the tools, then makes the calls that it is given on
// stdin as `[{"tool", "arguments"}]`, one after the other. What came of each goes to stdout.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [url, token] = process.argv.slice(2);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const calls = JSON.parse(Buffer.concat(chunks).toString());

const client = new Client({ name: 'agent-ops-test', version: '1.0.0' });
const headers = { Authorization: `Bearer ${token}` };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));

const { tools } = await client.listTools();
const results = [];
for (const { tool, arguments: given } of calls) {
  try {
    results.push({ result: await client.callTool({ name: tool, arguments: given }) });
  } catch (error) {
    results.push({ error: { code: error.code, message: error.message } });
  }
}
await client.close();
console.log(JSON.stringify({ server: client.getServerVersion(), tools, results }));
