// What the two ways of following a session have in common.
import { ApiError } from "@/api/errors";
import type { Delivered } from "@/api/types";

/** What a connection works with. */
export type Connection = {
  sessionId: string;
  signal: AbortSignal;
  /** The last event that the thread has. */
  after: () => number;
  /** Whether the thread holds events back for one that is missing. */
  hasGap: () => boolean;
  /** Hands events on; it fails when one of them can't be fetched. */
  deliver: (events: Delivered[]) => Promise<void>;
  /** Events arrive from now on as they happen. */
  live: () => void;
};

/**
 * How a connection ended: `lost` and worth another try, to be opened again at once (`renew`),
 * `over` for good, or the events behind `after` are no longer kept (`expired`).
 */
export type End = "lost" | "renew" | "over" | "expired";

export type Transport = (connection: Connection) => Promise<End>;

/** What an error means for the connection that met it. */
export function endOf(error: unknown): End {
  if (!(error instanceof ApiError)) return "lost";
  if (error.code === "events_expired" || error.code === "invalid_cursor") return "expired";
  return [401, 403, 404].includes(error.status) ? "over" : "lost";
}
