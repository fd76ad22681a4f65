// A time as people say it.
import { useSyncExternalStore } from "react";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const absolute = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function ago(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (seconds < -30 * 86_400) return new Intl.DateTimeFormat("en", { dateStyle: "medium" }).format(new Date(at));
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [];
  return unit && size ? relative.format(Math.trunc(seconds / size), unit) : seconds > 1 ? "in a moment" : "just now";
}

function everyMinute(listener: () => void) {
  const timer = setInterval(listener, 60_000);
  return () => clearInterval(timer);
}

const minute = () => Math.floor(Date.now() / 60_000);

export function Time({ at }: { at: string }) {
  useSyncExternalStore(everyMinute, minute);
  return (
    <time dateTime={at} title={absolute.format(new Date(at))} className="tabular-nums">
      {ago(at, Date.now())}
    </time>
  );
}
