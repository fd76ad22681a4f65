// Which sessions a search shows.
import type { Session } from "@/api/types";
import { placeOf } from "@/components/place";

export type Shown = "all" | "working" | "open" | "ended";

const BUSY = ["starting", "running", "stopping"];

/** Every word must stand in the title or where the session works, in any case of letters. */
export function matching(sessions: readonly Session[], { words, shown }: { words: string; shown: Shown }): Session[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return sessions.filter((session) => {
    const text = `${session.title} ${placeOf(session)}`.toLowerCase();
    return isShown(session.status, shown) && wanted.every((word) => text.includes(word));
  });
}

function isShown(status: string, shown: Shown): boolean {
  if (shown === "working") return BUSY.includes(status);
  if (shown === "open") return status !== "terminated";
  return shown === "all" || status === "terminated";
}
