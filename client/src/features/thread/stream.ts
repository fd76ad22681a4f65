// Follows a session by Server-Sent Events, where sockets don't get through. It is read with
// `fetch`, because an EventSource can't send the token.
import { authorisation } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Delivered } from "@/api/types";
import { type Connection, type End, endOf } from "./connection";

/** The server says something at least each 15 s. */
const QUIET_MS_MAX = 40_000;

export async function overStream(connection: Connection): Promise<End> {
  const quiet = new AbortController();
  const signal = AbortSignal.any([connection.signal, quiet.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => quiet.abort(), QUIET_MS_MAX);
  };
  try {
    heard();
    const response = await open(connection, signal);
    if (response.status === 204) return "over";
    connection.live();
    for await (const { event, data } of serverEvents(response, heard)) {
      if (event === "renew") return "renew";
      await connection.deliver([JSON.parse(data) as Delivered]);
    }
    return connection.hasGap() ? "lost" : "renew";
  } catch (error) {
    return connection.signal.aborted ? "over" : endOf(error);
  } finally {
    clearTimeout(timer);
    quiet.abort();
  }
}

async function open({ sessionId, after }: Connection, signal: AbortSignal): Promise<Response> {
  const headers = { accept: "text/event-stream", ...authorisation() };
  const response = await fetch(`/agent/sessions/${sessionId}/events?after=${after()}`, { headers, signal });
  if (!response.ok) throw await ApiError.from(response);
  return response;
}

/** The events of a stream; `heard` is called for whatever arrives, comments too. */
export async function* serverEvents(response: Response, heard: () => void = () => {}) {
  if (!response.body) return;
  let rest = "";
  for await (const chunk of chunks(response.body.pipeThrough(new TextDecoderStream()))) {
    heard();
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = block.split("\n").map((line) => line.split(/: ?(.*)/s) as [string, string?]);
      const field = (name: string) => fields.filter(([key]) => key === name).map(([, value]) => value ?? "").join("\n");
      const data = field("data");
      if (data) yield { event: field("event"), data };
    }
  }
}

/** Not every browser can iterate over a stream. */
async function* chunks(stream: ReadableStream<string>) {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
