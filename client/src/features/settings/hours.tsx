// What happened in the last two days, hour by hour.
import type { Hour } from "@/api/types";
import { Bars, type Series, sum } from "./bars";

const exact = new Intl.NumberFormat("en");
const hourName = new Intl.DateTimeFormat("en", { weekday: "short", hour: "numeric", minute: "2-digit" });

type Plot = { title: string; series: readonly (Series & { of: (hour: Hour) => number })[] };

const DONE = "bg-accent";
const STOPPED = "bg-edge";
const FAILED = "bg-danger";

const PLOTS: Plot[] = [
  {
    title: "Turns",
    series: [
      { label: "completed", color: DONE, of: (hour) => hour.turns_completed },
      { label: "stopped", color: STOPPED, of: (hour) => hour.turns_aborted },
      { label: "failed", color: FAILED, of: (hour) => hour.turns_failed },
    ],
  },
  {
    title: "Sandboxes",
    series: [
      { label: "started", color: DONE, of: (hour) => hour.runners_started },
      { label: "lost", color: FAILED, of: (hour) => hour.runners_lost },
    ],
  },
  {
    title: "Syncs",
    series: [
      { label: "completed", color: DONE, of: (hour) => hour.syncs_completed },
      { label: "failed", color: FAILED, of: (hour) => hour.syncs_failed },
    ],
  },
];

export const Hours = ({ hours }: { hours: readonly Hour[] }) =>
  PLOTS.map(({ title, series }) => (
    <section key={title}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 pb-3 text-sm">
        <h3 className="font-medium">{title} by the hour</h3>
        <ul className="flex flex-wrap gap-x-4 text-soft">
          {series.map(({ label, color, of }) => (
            <li key={label} className="flex items-center gap-1.5 tabular-nums">
              <span className={`size-2 rounded-full ${color}`} aria-hidden />
              {exact.format(sum(hours.map(of)))} {label}
            </li>
          ))}
        </ul>
      </div>
      <Bars
        caption={`${title} by the hour`}
        ends={[`${hours.length} hours ago`, "Now"]}
        series={series}
        bars={hours.map((hour) => ({ span: hourName.format(new Date(hour.hour)), values: series.map(({ of }) => of(hour)) }))}
        show={exact.format}
        className="h-20"
      />
    </section>
  ));
