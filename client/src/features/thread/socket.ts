// Follows a session over its WebSocket, which a single-use ticket opens.
import { createTicket } from "@/api/actions";
import { ApiError } from "@/api/errors";
import type { FromServer, ToServer } from "@/api/frames";
import { type Connection, type End, endOf } from "./connection";

/** A socket that has not begun to deliver by then is given up. */
const OPEN_MS_MAX = 10_000;
/** AWS ends a socket after 10 quiet minutes; a dead one is noticed by its missing answer. */
const PING_MS = 60_000;
const PONG_MS_MAX = 10_000;
/** A frame that was overtaken arrives within this, so that most gaps close by themselves. */
const GAP_MS = 400;

export async function overSocket(connection: Connection): Promise<End> {
  try {
    const { ticket } = await createTicket(connection.sessionId);
    return connection.signal.aborted ? "over" : await follow(connection, ticket);
  } catch (error) {
    return endOf(error);
  }
}

function urlOf(sessionId: string, ticket: string): string {
  const url = new URL(`/agent/sessions/${sessionId}/ws`, location.origin);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", ticket);
  return url.href;
}

function follow(connection: Connection, ticket: string): Promise<End> {
  return new Promise((resolve) => {
    const socket = new WebSocket(urlOf(connection.sessionId, ticket));
    const timers = new Timers();
    const end = (how: End) => {
      document.removeEventListener("visibilitychange", onVisible);
      removeEventListener("offline", onOffline);
      timers.clearAll();
      socket.onclose = socket.onmessage = null;
      socket.close();
      resolve(how);
    };
    const send = (frame: ToServer) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame));
    const subscribe = () => send({ action: "subscribe", after: connection.after() });
    const ping = () => {
      send({ action: "ping" });
      timers.set("pong", () => end("lost"), PONG_MS_MAX);
    };
    const onOffline = () => end("lost");
    // A page that was in the background may hold a dead socket.
    const onVisible = () => document.visibilityState === "visible" && ping();
    const watchGap = () => {
      if (connection.hasGap()) timers.setOnce("gap", () => connection.hasGap() && subscribe(), GAP_MS);
      else timers.clear("gap");
    };
    const take = async (frame: FromServer) => {
      if ("events" in frame) {
        await connection.deliver(frame.events);
        watchGap();
      } else if ("subscribed" in frame) {
        timers.clear("open");
        timers.set("renew", () => end("renew"), Date.parse(frame.subscribed.reconnect_before) - Date.now());
        timers.set("ping", ping, PING_MS);
        connection.live();
      } else if ("pong" in frame) {
        timers.clear("pong");
        timers.set("ping", ping, PING_MS);
        // The last frame before a silence may be lost, and nothing behind it would show the gap.
        if (frame.pong.head > connection.after()) subscribe();
      } else if ("error" in frame) {
        end(endOf(new ApiError(0, frame.error.code, frame.error.message)));
      } else if ("closed" in frame) {
        end(frame.closed.reason.includes("terminated") ? "over" : "renew");
      }
    };
    timers.set("open", () => end("lost"), OPEN_MS_MAX);
    socket.onopen = subscribe;
    socket.onmessage = ({ data }) => void take(JSON.parse(data) as FromServer).catch(() => end("lost"));
    socket.onclose = () => end("lost");
    connection.signal.addEventListener("abort", () => end("over"), { once: true });
    document.addEventListener("visibilitychange", onVisible);
    addEventListener("offline", onOffline);
  });
}

/** Timers by name. */
class Timers {
  private readonly running = new Map<string, ReturnType<typeof setTimeout>>();

  set(name: string, run: () => void, ms: number) {
    this.clear(name);
    this.setOnce(name, run, ms);
  }

  /** Leaves one that runs already as it is. */
  setOnce(name: string, run: () => void, ms: number) {
    if (this.running.has(name)) return;
    const fire = () => {
      this.running.delete(name);
      run();
    };
    this.running.set(name, setTimeout(fire, Math.max(0, ms)));
  }

  clear(name: string) {
    clearTimeout(this.running.get(name));
    this.running.delete(name);
  }

  clearAll() {
    for (const name of [...this.running.keys()]) this.clear(name);
  }
}
