// The thread from the recorded events of three real turns: a plain one, one with a refused model
// call, and one in which the agent asked a question; the last two were queued behind the first.
import { describe, expect, it } from "vitest";
import type { Event, Message } from "@/api/types";
import recorded from "./fixtures/turns.json";
import { type Thread, addMessages, applyEvents, hasGap, threadOf } from "./thread";

const events = recorded.events as unknown as Event[];
const messages = recorded.messages as unknown as Message[];
const empty = threadOf({ messages: [], head: 0 });
const whole = applyEvents(empty, events);

/** Numbers that look random and are the same in each run. */
function random(seed: number) {
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
}

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const next = random(seed);
  return list.map((item) => [next(), item] as const).sort(([a], [b]) => a - b).map(([, item]) => item);
}

const upTo = (type: Event["type"], nth = 1) => {
  const end = events.filter((event) => event.type === type)[nth - 1];
  if (!end) throw new Error(`no ${type}`);
  return applyEvents(empty, events.filter((event) => event.seq <= end.seq));
};

const last = (thread: Thread) => thread.messages.at(-1);

describe("a thread of recorded events", () => {
  it("equals the stored messages", () => {
    expect(whole.messages).toEqual(messages);
    expect(whole.seq).toBe(recorded.head);
    expect(hasGap(whole)).toBe(false);
  });

  it("is the same when events come twice", () => {
    expect(applyEvents(applyEvents(empty, [...events, ...events]), events)).toEqual(whole);
    expect(applyEvents(whole, events)).toBe(whole);
  });

  it.each([1, 2, 3, 4, 5])("is the same in any order and in any frames (%i)", (seed) => {
    let thread = empty;
    const next = random(seed);
    for (let rest = shuffled([...events, ...events.slice(10, 30)], seed); rest.length; ) {
      thread = applyEvents(thread, rest.splice(0, 1 + Math.floor(next() * 7)));
    }
    expect(thread).toEqual(whole);
  });

  it("stops before a gap, says so, and goes on when it is filled", () => {
    const missing = events[19]!;
    const gapped = applyEvents(empty, events.filter((event) => event !== missing));
    expect(gapped.seq).toBe(missing.seq - 1);
    expect(hasGap(gapped)).toBe(true);
    expect(applyEvents(gapped, [missing])).toEqual(whole);
  });

  it("can begin at any stored page and meet its events again", () => {
    expect(applyEvents(threadOf({ messages, head: 0 }), events).messages).toEqual(messages);
    expect(threadOf({ messages: messages.toReversed(), head: recorded.head }).messages).toEqual(messages);
  });

  it("joins a part's deltas to exactly the stored text", () => {
    const before = applyEvents(empty, events.slice(0, events.findIndex((event) => event.type === "message.completed")));
    const texts = (message?: Message) => message?.parts.filter((part) => part.type === "text");
    expect(texts(before.messages.find((message) => message.role === "assistant"))).toEqual(texts(messages[1]));
  });
});

describe("a turn on its way", () => {
  it("shows the queue behind it", () => {
    const thread = upTo("message.created", 3);
    expect(thread.messages.map(({ role, status }) => [role, status])).toEqual([
      ["user", "running"],
      ["assistant", "running"],
      ["user", "queued"],
      ["user", "queued"],
    ]);
  });

  it("says that the model is asked again, until it answers", () => {
    expect(upTo("turn.retrying").retry).toMatchObject({ attempt: 1 });
    expect(whole.retry).toBeNull();
  });

  it("takes a waiting message back, but not one whose turn starts", () => {
    const queued = upTo("message.created", 3);
    const [second, third] = queued.messages.slice(2);
    const at = events[0]!.at;
    const started = applyEvents(queued, [
      { type: "queue.updated", seq: queued.seq + 1, at, message_ids: [] },
      { type: "turn.started", seq: queued.seq + 2, at, turn: 2, message_id: second!.id, answer_id: "msg_answer" },
    ]);
    const status = (id: string) => started.messages.find((message) => message.id === id)?.status;
    expect([status(second!.id), status("msg_answer"), status(third!.id)]).toEqual(["running", "running", "cancelled"]);
  });

  it("keeps a question until it is answered", () => {
    expect(upTo("question.asked").questions).toHaveLength(1);
    expect(upTo("question.answered").questions).toHaveLength(0);
  });

  it("keeps what was seen of a failed turn and says why it failed", () => {
    const failed: Event = {
      type: "turn.failed",
      seq: 26,
      at: events[25]!.at,
      turn: 1,
      message_id: messages[1]!.id,
      error: { code: "runner_lost", message: "the sandbox was lost" },
    };
    const thread = applyEvents(applyEvents(empty, events.slice(0, 25)), [failed]);
    expect(thread.messages[0]!.status).toBe("failed");
    expect(thread.messages[1]).toMatchObject({ status: "failed", error: { code: "runner_lost" } });
    expect(thread.messages[1]!.parts.length).toBeGreaterThan(1);
  });

  it("drops a discarded part", () => {
    const delta = upTo("text.delta");
    const part = last({ ...delta, messages: delta.messages.slice(0, 2) })!.parts.at(-1)!;
    const discarded: Event = {
      type: "part.discarded",
      seq: delta.seq + 1,
      at: events[0]!.at,
      turn: 1,
      message_id: delta.messages[1]!.id,
      part_id: part.id,
    };
    const parts = applyEvents(delta, [discarded]).messages[1]!.parts;
    expect(parts).not.toContainEqual(part);
  });

  it("is not disturbed by an event that it does not know", () => {
    const unknown = { type: "weather.changed", seq: whole.seq + 1, at: events[0]!.at } as unknown as Event;
    expect(applyEvents(whole, [unknown])).toEqual({ ...whole, seq: whole.seq + 1 });
  });
});

describe("messages read from the server", () => {
  it("never overwrite what events told", () => {
    const stale = { ...messages[0]!, status: "running" as const };
    expect(addMessages(whole, [stale])).toBe(whole);
  });

  it("go before the thread when they are older", () => {
    const thread = threadOf({ messages: messages.slice(2), head: recorded.head });
    expect(addMessages(thread, messages.slice(0, 2)).messages).toEqual(messages);
  });
});
