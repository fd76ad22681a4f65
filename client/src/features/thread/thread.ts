// A session's thread as a pure function of the stored messages and the numbered events.
//
// Events may come twice, late or in another order. They are held until their turn comes, so
// that the thread after event n is the same however the events travelled. The stored message
// is the truth: what ended is not changed by an event of its making.
import type { Event, Message, MessageAccepted, MessagePage, Part, Permission, Question, RunnerState, Todo } from "@/api/types";

export type Retry = { attempt: number; message: string; retryAt: string | null };

export type Thread = {
  /** The last event that was applied. */
  seq: number;
  /** Events that came before their turn. */
  held: ReadonlyMap<number, Event>;
  /** By turn, each prompt before its answer. */
  messages: readonly Message[];
  permissions: readonly Permission[];
  questions: readonly Question[];
  todos: readonly Todo[];
  retry: Retry | null;
  runner: RunnerState | null;
  /** How many look at this session, this page included; 0 while no event told it. */
  viewers: number;
  /** What the user should know of the workspace, until the next turn. */
  warning: string | null;
  /** The last state of the workspace that was kept, as events told it; 0 while none did. */
  workspace: number;
  /** As events told it; null while none did. */
  session: { status: string; title: string } | null;
};

/** The thread of a page of history, which its `head` connects to the events. */
export function threadOf(page: Pick<MessagePage, "messages" | "head">): Thread {
  return {
    seq: page.head,
    held: new Map(),
    messages: page.messages.toSorted(inOrder),
    permissions: [],
    questions: [],
    todos: [],
    retry: null,
    runner: null,
    viewers: 0,
    warning: null,
    workspace: 0,
    session: null,
  };
}

/** Applies events as far as no number is missing. */
export function applyEvents(thread: Thread, events: Iterable<Event>): Thread {
  const held = new Map(thread.held);
  for (const event of events) if (event.seq > thread.seq) held.set(event.seq, event);
  let next = thread;
  for (let event = held.get(next.seq + 1); event; event = held.get(next.seq + 1)) {
    held.delete(event.seq);
    next = { ...applyEvent(next, event), seq: event.seq };
  }
  return next === thread && held.size === thread.held.size ? thread : { ...next, held };
}

/** Whether events wait for one that is missing. */
export const hasGap = (thread: Thread) => thread.held.size > 0;

/** A prompt that the server took from us, with its answer on its way if its turn began. */
export function addAccepted(thread: Thread, { message, answer_id }: MessageAccepted): Thread {
  const added = addMessages(thread, [message]);
  return added === thread || message.status !== "running"
    ? added
    : startTurn(added, message.id, answer_id, message.created_at);
}

/** Adds messages that were read from the server; what the thread knows already is newer. */
export function addMessages(thread: Thread, messages: readonly Message[]): Thread {
  const known = new Set(thread.messages.map((message) => message.id));
  const added = messages.filter((message) => !known.has(message.id));
  return added.length ? { ...thread, messages: [...thread.messages, ...added].sort(inOrder) } : thread;
}

const inOrder = (a: Message, b: Message) => a.turn - b.turn || rank(a) - rank(b);

const rank = (message: Message) => (message.role === "user" ? 0 : 1);

export const isOver = (message: Message) => message.status !== "running" && message.status !== "queued";

function applyEvent(thread: Thread, event: Event): Thread {
  switch (event.type) {
    case "message.created":
      return addMessages(thread, [event.message]);
    case "turn.started":
      return startTurn({ ...thread, warning: null }, event.message_id, event.answer_id, event.at);
    case "text.delta":
    case "reasoning.delta": {
      const type = event.type === "text.delta" ? "text" : "reasoning";
      const { part_id: id, delta } = event;
      return makeParts({ ...thread, retry: null }, event.message_id, (parts) => appendDelta(parts, type, id, delta));
    }
    case "part.updated":
      return makeParts({ ...thread, retry: null }, event.message_id, (parts) => putPart(parts, event.part));
    case "part.discarded":
      return makeParts(thread, event.message_id, (parts) => parts.filter((part) => part.id !== event.part_id));
    case "message.updated":
    case "message.completed":
      return replaceMessage(thread, event.message);
    case "turn.retrying":
      return {
        ...thread,
        retry: { attempt: event.attempt, message: event.message, retryAt: event.retry_at ?? null },
      };
    case "turn.completed":
      return endTurn(thread, event.turn, "completed");
    case "turn.failed":
      return endTurn(thread, event.turn, "failed", event.error);
    case "turn.aborted":
      return endTurn(thread, event.turn, "cancelled");
    case "permission.asked":
      return { ...thread, permissions: [...without(thread.permissions, event.permission.id), event.permission] };
    case "permission.answered":
    case "permission.expired":
      return { ...thread, permissions: without(thread.permissions, event.permission_id) };
    case "question.asked":
      return { ...thread, questions: [...without(thread.questions, event.question.id), event.question] };
    case "question.answered":
    case "question.expired":
      return { ...thread, questions: without(thread.questions, event.question_id) };
    case "todo.updated":
      return { ...thread, todos: event.todos };
    case "queue.updated":
      return takeBack(thread, event.message_ids);
    case "session.updated": {
      const session = { status: event.status, title: event.title };
      return { ...(event.status === "terminated" ? takeBack(thread, []) : thread), session };
    }
    case "runner.updated":
      return { ...thread, runner: event.state };
    case "workspace.warning":
      return { ...thread, warning: event.message };
    case "workspace.updated":
      return { ...thread, workspace: event.version };
    case "viewer.joined":
    case "viewer.left":
      return { ...thread, viewers: event.viewers };
    default:
      // A server may be newer than this page.
      return thread;
  }
}

const without = <T extends { id: string }>(list: readonly T[], id: string) => list.filter((item) => item.id !== id);

function update(thread: Thread, id: string, change: (message: Message) => Message): Thread {
  return { ...thread, messages: thread.messages.map((message) => (message.id === id ? change(message) : message)) };
}

function startTurn(thread: Thread, promptId: string, answerId: string, at: string): Thread {
  const prompt = thread.messages.find((message) => message.id === promptId);
  const leftTheQueue = prompt?.status === "cancelled" && !thread.messages.some((message) => message.id === answerId);
  if (!prompt || (isOver(prompt) && !leftTheQueue)) return thread;
  const answer: Message = {
    id: answerId,
    session_id: prompt.session_id,
    turn: prompt.turn,
    role: "assistant",
    status: "running",
    content: "",
    parts: [],
    tool_calls: [],
    created_at: at,
  };
  return addMessages(update(thread, promptId, (message) => ({ ...message, status: "running" })), [answer]);
}

/** What waited and is not in the queue any more was taken back, or its turn starts with the next event. */
function takeBack(thread: Thread, queue: readonly string[]): Thread {
  const cancel = (message: Message): Message =>
    message.status === "queued" && !queue.includes(message.id) ? { ...message, status: "cancelled" } : message;
  return { ...thread, messages: thread.messages.map(cancel) };
}

function replaceMessage(thread: Thread, message: Message): Thread {
  return { ...thread, messages: [...without(thread.messages, message.id), message].sort(inOrder) };
}

function endTurn(thread: Thread, turn: number | null | undefined, status: Message["status"], error?: Message["error"]) {
  const end = (message: Message): Message =>
    message.turn !== turn || isOver(message)
      ? message
      : { ...message, status, ...(message.role === "assistant" && error ? { error } : {}) };
  return { ...thread, messages: thread.messages.map(end), permissions: [], questions: [], retry: null };
}

function makeParts(thread: Thread, id: string, change: (parts: Part[]) => Part[]): Thread {
  return update(thread, id, (message) => (isOver(message) ? message : { ...message, parts: change(message.parts) }));
}

function appendDelta(parts: Part[], type: "text" | "reasoning", id: string, delta: string): Part[] {
  if (!parts.some((part) => part.id === id)) return [...parts, { type, id, text: delta }];
  return parts.map((part) => (part.id === id && part.type !== "tool" ? { ...part, text: part.text + delta } : part));
}

function putPart(parts: Part[], part: Part): Part[] {
  return parts.some(({ id }) => id === part.id) ? parts.map((old) => (old.id === part.id ? part : old)) : [...parts, part];
}
