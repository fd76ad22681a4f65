// How a session is followed, against a socket and a server that do as they are told.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Delivered, Event } from "@/api/types";
import { type Link, follow, pauseMs } from "./follow";
import { serverEvents } from "./stream";

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  static refuse = false;
  readonly readyState = FakeSocket.OPEN;
  readonly sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
    queueMicrotask(() => (FakeSocket.refuse ? this.onclose?.() : this.onopen?.()));
  }
  send(frame: string) {
    this.sent.push(JSON.parse(frame));
  }
  say(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  close() {}
}

const event = (seq: number): Event => ({ seq, at: "2026-01-01T00:00:00Z", type: "runner.updated", state: "connected" });
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const pathOf = (request: Request | string) => new URL(request instanceof Request ? request.url : request, "http://x").pathname;

/** A follower that has all events up to `seq`. */
function started(seq = 7) {
  const state = { seq, gap: false, events: [] as Event[], links: [] as Link[], expired: 0 };
  const stop = follow({
    sessionId: "ses_1",
    after: () => state.seq,
    hasGap: () => state.gap,
    onEvents: (events) => state.events.push(...events),
    onLink: (link) => state.links.push(link),
    onExpired: async () => void (state.expired += 1),
  });
  stops.push(stop);
  return state;
}

const stops: (() => void)[] = [];
const socket = (n = 0) => vi.waitUntil(() => FakeSocket.all[n]?.sent.length && FakeSocket.all[n]);
const subscribed = { subscribed: { head: 7, reconnect_before: new Date(Date.now() + 3_600_000).toISOString() } };
let answers: Record<string, () => Response>;

beforeEach(() => {
  FakeSocket.all = [];
  FakeSocket.refuse = false;
  answers = { "/agent/sessions/ses_1/ticket": () => json({ ticket: "t/1", expires_at: "2026-01-01T00:01:00Z" }, 201) };
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", async (request: Request | string) => answers[pathOf(request)]?.() ?? json({}, 404));
  vi.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  stops.splice(0).forEach((stop) => stop());
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("following a session", () => {
  it("opens a socket with a ticket and asks for what comes behind the last event", async () => {
    const state = started(7);
    const first = await socket();
    expect(first.url).toMatch(/^ws:.*\/agent\/sessions\/ses_1\/ws\?ticket=t%2F1$/);
    expect(first.sent).toEqual([{ action: "subscribe", after: 7 }]);
    first.say(subscribed);
    first.say({ events: [event(8), event(9)] });
    await vi.waitFor(() => expect(state.events.map(({ seq }) => seq)).toEqual([8, 9]));
    expect(state.links).toEqual(["connecting", "live"]);
  });

  it("subscribes again behind a gap that does not close", async () => {
    const state = started(7);
    const first = await socket();
    state.gap = true;
    first.say({ events: [event(9)] });
    await vi.waitFor(() => expect(first.sent).toHaveLength(2), { timeout: 2_000 });
    expect(first.sent[1]).toEqual({ action: "subscribe", after: 7 });
  });

  it("subscribes again when a silence hides what it has not got", async () => {
    started(7);
    const first = await socket();
    first.say(subscribed);
    first.say({ pong: { at: "2026-01-01T00:00:00Z", head: 7 } });
    expect(first.sent).toHaveLength(1);
    first.say({ pong: { at: "2026-01-01T00:00:00Z", head: 9 } });
    await vi.waitFor(() => expect(first.sent[1]).toEqual({ action: "subscribe", after: 7 }));
  });

  it("comes back after a loss with what it has by then", async () => {
    const state = started(7);
    (await socket()).say(subscribed);
    await vi.waitFor(() => expect(state.links).toContain("live"));
    state.seq = 12;
    FakeSocket.all[0]!.onclose?.();
    expect((await socket(1)).sent).toEqual([{ action: "subscribe", after: 12 }]);
  });

  it("does not wait when the network goes", async () => {
    const state = started(7);
    (await socket()).say(subscribed);
    await vi.waitFor(() => expect(state.links).toContain("live"));
    dispatchEvent(new window.Event("offline"));
    await vi.waitFor(() => expect(state.links.at(-1)).toBe("waiting"));
  });

  it("takes a stream when sockets fail", async () => {
    FakeSocket.refuse = true;
    const data = JSON.stringify(event(8));
    answers["/agent/sessions/ses_1/events"] = () => new Response(`retry: 1000\n\nid: 8\nevent: x\ndata: ${data}\n\n`);
    const state = started(7);
    await vi.waitFor(() => expect(state.events[0]?.seq).toBe(8), { timeout: 5_000 });
    expect(state.links.slice(0, 6)).toEqual(["connecting", "waiting", "connecting", "waiting", "connecting", "live"]);
  });

  it("fetches an event that was too large for a frame", async () => {
    const href = "/agent/sessions/ses_1/events/8";
    answers[href] = () => json(event(8));
    const state = started(7);
    const pointer: Delivered = { seq: 8, at: "2026-01-01T00:00:00Z", type: "message.completed", href };
    (await socket()).say({ events: [pointer] });
    await vi.waitFor(() => expect(state.events).toEqual([event(8)]));
  });

  it("reads the thread again when events are no longer kept", async () => {
    const state = started(7);
    (await socket()).say({ error: { code: "events_expired", message: "gone", request_id: "r" } });
    await vi.waitFor(() => expect(state.expired).toBe(1));
  });

  it("ends with the session", async () => {
    const state = started(7);
    (await socket()).say({ closed: { reason: "the session is terminated" } });
    await vi.waitFor(() => expect(state.links.at(-1)).toBe("over"));
  });

  it("waits longer each time, with a spread, and never too long", () => {
    expect([1, 2, 3].map((failures) => pauseMs(failures, 1))).toEqual([500, 1_000, 2_000]);
    expect(pauseMs(1, 0)).toBe(250);
    expect(pauseMs(50, 1)).toBe(30_000);
  });
});

it("a stream's events are read whole, however they are cut", async () => {
  const bytes = new TextEncoder().encode(': hi\n\nid: 1\nevent: text.delta\ndata: {"delta":"ä"}\n\nevent: renew\ndata: {}\n\n');
  const cut = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const events = [];
  for await (const event of serverEvents(new Response(cut))) events.push(event);
  expect(events).toEqual([
    { event: "text.delta", data: '{"delta":"ä"}' },
    { event: "renew", data: "{}" },
  ]);
});
