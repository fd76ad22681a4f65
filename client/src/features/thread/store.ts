// Holds one session's thread for the components and keeps it followed while someone looks.
import { messagesPage } from "@/api/queries";
import type { Event, MessageAccepted, MessagePage } from "@/api/types";
import { type Link, follow } from "./follow";
import { type Thread, addAccepted, addMessages, applyEvents, hasGap, threadOf } from "./thread";

export type Snapshot = {
  thread: Thread;
  link: Link;
  /** Where the history before the thread begins; null when there is none. */
  earlier: string | null;
};

export class ThreadStore {
  private snapshot: Snapshot;
  private readonly listeners = new Set<() => void>();
  private stop: (() => void) | undefined;

  constructor(
    private readonly sessionId: string,
    page: MessagePage,
  ) {
    this.snapshot = { thread: threadOf(page), link: "connecting", earlier: page.next_cursor ?? null };
  }

  read = () => this.snapshot;

  /** The session is followed as long as anybody listens. */
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    this.stop ??= this.follow();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.stop?.();
      this.stop = undefined;
    };
  };

  /** A message of ours that the server took; its event may come before or after. */
  accept = (accepted: MessageAccepted) => this.put({ thread: addAccepted(this.snapshot.thread, accepted) });

  addEarlier = ({ messages, next_cursor }: MessagePage) =>
    this.put({ thread: addMessages(this.snapshot.thread, messages), earlier: next_cursor ?? null });

  private follow() {
    return follow({
      sessionId: this.sessionId,
      after: () => this.snapshot.thread.seq,
      hasGap: () => hasGap(this.snapshot.thread),
      onEvents: (events: Event[]) => this.put({ thread: applyEvents(this.snapshot.thread, events) }),
      onLink: (link) => this.put({ link }),
      onExpired: async () => {
        const page = await messagesPage(this.sessionId);
        this.put({ thread: threadOf(page), earlier: page.next_cursor ?? null });
      },
    });
  }

  private put(change: Partial<Snapshot>) {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
