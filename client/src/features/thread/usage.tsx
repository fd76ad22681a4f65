// What an answer took.
import type { Usage } from "@/api/types";

const count = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat("en");

export function UsageLine({ usage }: { usage: Usage }) {
  const input = usage.input_tokens + (usage.cache_read_tokens ?? 0) + (usage.cache_write_tokens ?? 0);
  const output = usage.output_tokens + (usage.reasoning_tokens ?? 0);
  const cost = usage.cost_usd ?? 0;
  if (input + output === 0) return null;
  return (
    <p
      className="text-xs tabular-nums"
      title={`${exact.format(input)} tokens read, ${exact.format(output)} tokens written`}
    >
      {count.format(input + output)} tokens{cost > 0 && ` · ${dollars(cost)}`}
    </p>
  );
}

export const dollars = (cost: number) => (cost < 0.01 ? `$${cost.toFixed(4)}` : `$${cost.toFixed(2)}`);
