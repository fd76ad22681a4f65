// Frames of a session's socket, as `shared/wire/src/viewer.rs` has them.
import type { Delivered, ErrorDetail } from "./types";

export type ToServer = { action: "subscribe"; after: number } | { action: "ping" };

export type FromServer =
  | { events: Delivered[] }
  | { subscribed: { head: number; reconnect_before: string } }
  | { pong: { at: string; head: number } }
  | { error: ErrorDetail }
  | { closed: { reason: string } };
