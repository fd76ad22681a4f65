// The runs of an integration's synchronisation, newest first.
import { useInfiniteQuery } from "@tanstack/react-query";
import { isBusy, syncLogsQuery } from "@/api/integrations";
import type { Integration, Run } from "@/api/types";
import { List } from "@/components/list";
import { Time } from "@/components/time";
import { entries } from "./state";

const REASONS: Record<Run["reason"], string> = {
  connected: "after connecting",
  manual: "asked for",
  webhook: "told by the service",
  schedule: "by schedule",
};

export function Logs({ integration }: { integration: Integration }) {
  const query = useInfiniteQuery({ ...syncLogsQuery(integration.id), refetchInterval: isBusy(integration) ? 3_000 : 30_000 });
  return (
    <List query={query} items={query.data?.pages.flatMap((page) => page.logs)} empty="Nothing was read yet.">
      {(run) => (
        <li key={run.id} className="border-b border-line py-2.5 text-sm">
          <div className="flex items-baseline justify-between gap-4">
            <span className="min-w-0 truncate">
              <span className="font-medium">{run.resource}</span>{" "}
              <span className="text-soft">
                {REASONS[run.reason]}
                {run.full && ", from the beginning"}
              </span>
            </span>
            <span className="shrink-0 text-soft">
              <Time at={run.started_at} />
            </span>
          </div>
          {run.error_message ? (
            <p className="text-danger">{run.error_message}</p>
          ) : (
            <p className="text-soft">{outcomeOf(run)}</p>
          )}
        </li>
      )}
    </List>
  );
}

export function outcomeOf({ status, records_synced: written, records_deleted: deleted }: Run): string {
  const what = [written > 0 && `${entries(written)} written`, deleted > 0 && `${entries(deleted)} deleted`].filter(Boolean).join(", ");
  if (status === "running") return what ? `Running: ${what} so far` : "Running";
  if (status === "failed") return what ? `Failed after ${what}` : "Failed";
  return what || "Nothing had changed";
}
