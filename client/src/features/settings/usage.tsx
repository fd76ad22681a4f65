// What was used, day by day.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usageQuery } from "@/api/queries";
import type { UsageDay } from "@/api/types";
import { Awaited } from "@/components/list";
import { Segmented } from "@/components/segmented";
import { dollars } from "@/features/thread/usage";
import { Bars, sum } from "./bars";

const DAYS = 30;
const count = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const dayName = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", timeZone: "UTC" });

const MEASURES = {
  turns: { label: "Turns", of: (day: UsageDay) => day.turns, show: (n: number) => count.format(n) },
  tokens: {
    label: "Tokens",
    of: (day: UsageDay) =>
      day.input_tokens + day.output_tokens + (day.cache_read_tokens ?? 0) + (day.cache_write_tokens ?? 0) + (day.reasoning_tokens ?? 0),
    show: (n: number) => count.format(n),
  },
  cost: { label: "Cost", of: (day: UsageDay) => day.cost_usd ?? 0, show: dollars },
};

type Measure = keyof typeof MEASURES;

const CHOICES = (Object.keys(MEASURES) as Measure[]).map((name) => [name, MEASURES[name].label] as const);

export function UsagePlot() {
  const query = useQuery(usageQuery(DAYS));
  const [measure, setMeasure] = useState<Measure>("turns");
  if (!query.data) return <Awaited query={query} />;
  const { of, show } = MEASURES[measure];
  const days = lastDays(query.data.days, DAYS, Date.now());
  const values = days.map(({ used }) => (used ? of(used) : 0));
  const total = sum(values);
  return (
    <>
      <div className="flex flex-wrap items-baseline justify-between gap-3 pb-4">
        <p className="text-sm text-soft">
          <span className="text-2xl font-semibold text-ink tabular-nums">{show(total)}</span> in the last {DAYS} days
        </p>
        <Segmented label="Measure" value={measure} choices={CHOICES} onChoose={setMeasure} />
      </div>
      {total === 0 && <p className="pb-4 text-sm text-soft">Nothing was used in this time. Each turn of an agent counts here.</p>}
      <Bars
        caption={`${MEASURES[measure].label} by day`}
        ends={[dayName.format(new Date(days[0]?.day ?? 0)), "Today"]}
        series={[{ label: MEASURES[measure].label.toLowerCase(), color: "bg-accent" }]}
        bars={days.map(({ day }, index) => ({ span: dayName.format(new Date(day)), values: [values[index] ?? 0] }))}
        show={show}
        className="h-48"
      />
    </>
  );
}

/** Every day up to now, oldest first, used or not. Days are those of UTC, as the server counts them. */
export function lastDays(used: readonly UsageDay[], count: number, now: number): { day: string; used: UsageDay | undefined }[] {
  const byDay = new Map(used.map((day) => [day.day, day]));
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(now - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    return { day, used: byDay.get(day) };
  });
}
