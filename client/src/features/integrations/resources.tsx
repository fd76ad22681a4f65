// The parts of an account, each with where it stands.
import type { Integration, Resource } from "@/api/types";
import { Time } from "@/components/time";
import { useState } from "react";
import { Button } from "@/components/button";
import { State, entries } from "./state";

/** As many as are looked over at a glance. */
const SHOWN = 8;
/** What needs somebody first, then what happens. */
const ORDER = ["error", "waiting", "syncing", "pending", "synced"];

export function Resources({ integration }: { integration: Integration }) {
  const [all, showAll] = useState(false);
  const sorted = integration.resources.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  const shown = all ? sorted : sorted.slice(0, SHOWN);
  return (
    <>
      <ul className="border-t border-line">
        {shown.map((resource) => (
          <Row key={resource.name} resource={resource} />
        ))}
      </ul>
      {shown.length < sorted.length && (
        <div className="flex justify-center pt-4">
          <Button onClick={() => showAll(true)}>Show all {sorted.length}</Button>
        </div>
      )}
    </>
  );
}

function Row({ resource: { name, status, run, problem, last_synced_at: last } }: { resource: Resource }) {
  const reading = run?.status === "running";
  return (
    <li className="border-b border-line py-3 text-sm">
      <div className="flex items-baseline justify-between gap-4">
        <span className="min-w-0 truncate font-medium">{name}</span>
        <State status={status} />
      </div>
      <p className="text-soft">
        {reading ? `${entries(run.records_synced)} read so far` : last ? <>read <Time at={last} /></> : "not read yet"}
      </p>
      {problem && <p className="text-danger">{problem.message}</p>}
    </li>
  );
}
