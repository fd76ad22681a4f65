// Whether the deployment does its work, now and hour by hour.
import { useQuery } from "@tanstack/react-query";
import { Check, CircleAlert } from "lucide-react";
import { deploymentHealthQuery } from "@/api/queries";
import type { DeploymentHealth, HealthCheck } from "@/api/types";
import { Awaited } from "@/components/list";
import { Hours } from "./hours";

/** What people call them. */
const NAMES: Record<string, string> = {
  table: "Database",
  bucket: "File storage",
  bus: "Event bus",
  sweeper: "Care of sandboxes",
  sync_schedule: "Schedule of syncs",
};

export function Health() {
  const query = useQuery(deploymentHealthQuery);
  // What was well a while ago says nothing of a service that does not answer.
  if (!query.data || query.isError) return <Awaited query={query} rows={6} />;
  const { checks, runners, syncs, hours } = query.data;
  return (
    <div className="space-y-8">
      <section>
        <h3 className="pb-2 text-sm font-medium">{verdictOf(query.data)}</h3>
        <ul className="border-t border-line">
          {checks.map((check) => (
            <CheckRow key={check.name} check={check} />
          ))}
        </ul>
      </section>
      <Figures
        title="Sandboxes now"
        figures={[
          ["working", runners.working],
          ["idle", runners.idle],
          ["starting", runners.starting],
        ]}
      />
      <Figures
        title="Syncs now"
        figures={[
          ["integrations", syncs.integrations],
          ["due", syncs.waiting],
          ["late", syncs.late],
        ]}
      />
      <Hours hours={hours} />
    </div>
  );
}

function verdictOf({ checks }: DeploymentHealth): string {
  const bad = checks.filter(({ ok }) => !ok).length;
  return bad === 0 ? "Everything works" : `${bad} of ${checks.length} ${bad === 1 ? "needs" : "need"} attention`;
}

function CheckRow({ check: { name, ok, problem, took_ms: took } }: { check: HealthCheck }) {
  const Icon = ok ? Check : CircleAlert;
  return (
    <li className="flex gap-3 border-b border-line py-2.5 text-sm">
      <Icon className={`mt-0.5 size-4 shrink-0 ${ok ? "text-accent" : "text-danger"}`} aria-hidden />
      <div className="min-w-0 grow">
        <p className="font-medium">{NAMES[name] ?? name}</p>
        {problem && <p className="text-danger wrap-anywhere">{problem}</p>}
      </div>
      <p className="shrink-0 text-soft tabular-nums">{ok ? `${took} ms` : "fails"}</p>
    </li>
  );
}

function Figures({ title, figures }: { title: string; figures: [label: string, value: number][] }) {
  return (
    <section>
      <h3 className="pb-2 text-sm font-medium">{title}</h3>
      <dl className="grid grid-cols-3 gap-3">
        {figures.map(([label, value]) => (
          <div key={label} className="flex flex-col-reverse rounded-lg border border-line px-3.5 py-2.5">
            <dt className="text-sm text-soft">{label}</dt>
            <dd className="text-xl font-semibold tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
