// What is wrong, in words, and the button that helps.
import { Link } from "@tanstack/react-router";
import { CircleAlert, Clock } from "lucide-react";
import type { ReactNode } from "react";
import type { Integration, Problem } from "@/api/types";
import { Button } from "@/components/button";
import { Copy } from "@/components/copy";
import { Time } from "@/components/time";
import { useConnect, useSync } from "./actions";

/** A problem that goes by itself is told more quietly than one that waits for somebody. */
const passes = ({ class: kind }: Problem) => ["retry", "wait_until", "resync"].includes(kind);

export function ProblemNotice({ integration, problem }: { integration: Integration; problem: Problem }) {
  const quiet = passes(problem);
  const Icon = quiet ? Clock : CircleAlert;
  return (
    <div className={`flex gap-2.5 rounded-lg px-3.5 py-3 text-sm ${quiet ? "bg-warn-sunken" : "bg-danger-sunken"}`}>
      <Icon className={`mt-0.5 size-4 shrink-0 ${quiet ? "text-warn" : "text-danger"}`} aria-hidden />
      <div className="min-w-0 grow space-y-2">
        <p>
          <span className="wrap-anywhere">{problem.message}</span> {problem.next_step}
          {quiet && problem.retry_at && (
            <>
              {" "}
              Next try: <Time at={problem.retry_at} />.
            </>
          )}
        </p>
        <Remedies integration={integration} problem={problem} />
      </div>
    </div>
  );
}

function Remedies({ integration, problem }: { integration: Integration; problem: Problem }): ReactNode {
  const connect = useConnect(integration.service, integration.id);
  const sync = useSync(integration.id);
  const again = (label: string) => (
    <Button size="sm" disabledReason={sync.isPending && "Asking for it"} onClick={() => sync.mutate()}>
      {label}
    </Button>
  );
  const choose = (
    <Button asChild size="sm">
      <Link to="/integrations/$id" params={{ id: integration.id }} hash="synced">
        Change what is synced
      </Link>
    </Button>
  );
  switch (problem.class) {
    case "reauth":
    case "unauthorized":
      return (
        <Button look="primary" size="sm" disabledReason={connect.isPending && "Leaving for the service"} onClick={() => connect.mutate()}>
          Connect again
        </Button>
      );
    case "retry":
      return again("Try now");
    case "gone":
    case "permanent":
      return (
        <div className="flex flex-wrap gap-2">
          {choose}
          {again("Sync again")}
        </div>
      );
    case "bug":
      return (
        <span className="inline-flex items-center gap-1 text-soft">
          <Copy text={`${integration.service} ${integration.id} at ${problem.at}: ${problem.message}`} label="Copy it for the operator" />
          Copy it for the operator
        </span>
      );
    default:
      return null;
  }
}
