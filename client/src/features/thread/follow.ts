// Keeps a session followed: over the socket, or over a stream when the socket fails, again and
// again until it is told to stop.
import { authorisation } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Delivered, Event, EventPointer } from "@/api/types";
import type { Connection, Transport } from "./connection";
import { overSocket } from "./socket";
import { overStream } from "./stream";

export type Link = "connecting" | "live" | "waiting" | "over";

export type Following = {
  sessionId: string;
  after: () => number;
  hasGap: () => boolean;
  onEvents: (events: Event[]) => void;
  onLink: (link: Link) => void;
  /** Reads the thread again: events that it needs are no longer kept. */
  onExpired: () => Promise<void>;
};

/** Sockets that fail in a row before a stream is tried; after a stream the socket has its chance again. */
const SOCKET_FAILURES_MAX = 2;
const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 30_000;

/** Follows until the returned function is called. */
export function follow(following: Following): () => void {
  const stop = new AbortController();
  void keepFollowing(following, stop.signal);
  return () => stop.abort();
}

async function keepFollowing(following: Following, signal: AbortSignal) {
  let failures = 0;
  while (!signal.aborted) {
    following.onLink("connecting");
    const transport: Transport = failures < SOCKET_FAILURES_MAX || failures % 2 === 1 ? overSocket : overStream;
    let wasLive = false;
    const live = () => {
      wasLive = true;
      following.onLink("live");
    };
    const end = await transport(connectionOf(following, signal, live));
    if (signal.aborted) return;
    if (end === "over") return following.onLink("over");
    if (end === "expired") await following.onExpired().catch(() => {});
    // A stream that served well is followed by the next try of the socket.
    failures = wasLive ? Number(transport === overStream) : failures + 1;
    if (end !== "renew" || !wasLive) {
      following.onLink("waiting");
      await pause(pauseMs(failures), signal);
    }
  }
}

function connectionOf(following: Following, signal: AbortSignal, live: () => void): Connection {
  const { sessionId, after, hasGap } = following;
  const deliver = async (delivered: Delivered[]) => {
    const pointers = delivered.filter(isPointer);
    following.onEvents(delivered.filter(isWhole));
    if (pointers.length) following.onEvents(await Promise.all(pointers.map((pointer) => whole(pointer, signal))));
  };
  return { sessionId, signal, after, hasGap, deliver, live };
}

const isPointer = (event: Delivered): event is EventPointer => "href" in event;

const isWhole = (event: Delivered): event is Event => !isPointer(event);

async function whole({ href }: EventPointer, signal: AbortSignal): Promise<Event> {
  const response = await fetch(href, { headers: authorisation(), signal });
  if (!response.ok) throw await ApiError.from(response);
  return (await response.json()) as Event;
}

/** Doubles each time, with jitter, so that many pages don't come back at the same moment. */
export function pauseMs(failures: number, random = Math.random()): number {
  return Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.max(0, failures - 1)) * (0.5 + random / 2);
}

/** Ends early when the browser finds its network again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
