// Where an integration stands, in words and a dot; while it is read, how far.
import type { Integration, Resource } from "@/api/types";
import { Progress } from "@/components/progress";
import { Time } from "@/components/time";
import { parts } from "./service";

const LOOKS: Record<string, [label: string, dot: string]> = {
  not_connected: ["Not connected", "border border-edge"],
  pending: ["About to sync", "bg-warn animate-pulse"],
  syncing: ["Syncing", "bg-accent animate-pulse"],
  waiting: ["Waiting for its quota", "bg-warn"],
  synced: ["Up to date", "bg-accent"],
  error: ["Needs attention", "bg-danger"],
  needs_reauth: ["Needs you", "bg-danger"],
  disconnecting: ["Disconnecting", "bg-warn animate-pulse"],
};

export function State({ status }: { status: string }) {
  const [label, dot] = LOOKS[status] ?? [status, "bg-edge"];
  return (
    <span className="inline-flex shrink-0 items-center gap-1.5 text-sm text-soft">
      <span className={`size-2 rounded-full ${dot}`} aria-hidden />
      {label}
    </span>
  );
}

const number = new Intl.NumberFormat("en");
export const entries = (count: number) => `${number.format(count)} ${count === 1 ? "entry" : "entries"}`;

/** How many resources are done, and what the ones in hand have brought so far. */
export function progressOf(resources: readonly Resource[]): { done: number; read: number } {
  const running = resources.filter(({ run }) => run?.status === "running");
  return {
    done: resources.filter(({ status }) => status === "synced").length,
    read: running.reduce((sum, { run }) => sum + (run?.records_synced ?? 0), 0),
  };
}

export function Summary({ integration }: { integration: Integration }) {
  const { service, sync_status: status, resources, last_synced_at: last } = integration;
  const total = resources.length;
  if (status === "disconnecting") return <p>The access is taken back, and what was read is deleted.</p>;
  if (status === "pending" && total === 0) return <p>It begins in a moment.</p>;
  if (status === "syncing" || status === "pending") {
    const { done, read } = progressOf(resources);
    return (
      <div className="space-y-1.5">
        <p aria-live="polite">
          {done} of {parts(service, total)} done{read > 0 && `, ${entries(read)} read so far`}
        </p>
        <Progress label="Synced" value={total > 1 ? done / total : undefined} />
      </div>
    );
  }
  if (total === 0) return status === "synced" ? <p>Nothing is chosen to be synced.</p> : null;
  return (
    <p>
      {parts(service, total)}
      {last && (
        <>
          , read <Time at={last} />
        </>
      )}
    </p>
  );
}
