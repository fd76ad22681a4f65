// When an entity is: an event has its time, all else its last change.
import type { Entity } from "@/api/types";
import { Time } from "@/components/time";

// Whole days are those of UTC, as calendars have them.
const day = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const hour = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit" });

const DAY_MS = 86_400_000;

/** From when to when, in the reader's own time. */
export function spanOf(starts: string, ends: string | null | undefined): string {
  const [start, end] = [new Date(starts), new Date(ends ?? starts)];
  const length = end.getTime() - start.getTime();
  if (start.getTime() % DAY_MS === 0 && length > 0 && length % DAY_MS === 0) {
    const last = new Date(end.getTime() - DAY_MS);
    return length === DAY_MS ? day.format(start) : `${day.format(start)} to ${day.format(last)}`;
  }
  if (length <= 0) return moment.format(start);
  return `${moment.format(start)} to ${start.toDateString() === end.toDateString() ? hour.format(end) : moment.format(end)}`;
}

export function When({ entity }: { entity: Entity }) {
  if (!entity.starts_at) return <Time at={entity.updated_at} />;
  return <time dateTime={entity.starts_at}>{spanOf(entity.starts_at, entity.ends_at)}</time>;
}
