// A service that is connected, or could be.
import { Link } from "@tanstack/react-router";
import type { AvailableIntegration, Integration } from "@/api/types";
import { Button } from "@/components/button";
import { useConnect, useSync } from "./actions";
import { IntegrationMenu } from "./menu";
import { ProblemNotice } from "./problem";
import { ServiceIcon } from "./service";
import { State, Summary } from "./state";

const card = "rounded-xl border border-line bg-raised p-4 sm:p-5";

export function IntegrationCard({ about, integration }: { about: AvailableIntegration; integration: Integration }) {
  const { id, service, account, problem, connection, sync_status: status } = integration;
  return (
    <li className={`${card} space-y-4`}>
      <div className="flex items-start gap-3.5">
        <ServiceIcon service={service} />
        <div className="min-w-0 grow">
          <h2 className="truncate font-semibold">
            <Link to="/integrations/$id" params={{ id }} className="rounded hover:text-accent">
              {about.name}
              {account && <span className="font-normal text-soft"> · {account.name}</span>}
            </Link>
          </h2>
          <State status={status} />
        </div>
        {connection !== "disconnecting" && <IntegrationMenu integration={integration} name={about.name} />}
      </div>
      {problem && <ProblemNotice integration={integration} problem={problem} />}
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 text-sm text-soft">
        <div className="min-w-48 grow">
          <Summary integration={integration} />
        </div>
        <Actions integration={integration} />
      </div>
    </li>
  );
}

function Actions({ integration: { id, service, connection, problem } }: { integration: Integration }) {
  const connect = useConnect(service, id);
  const sync = useSync(id);
  if (connection === "not_connected" || (connection === "needs_reauth" && !problem)) {
    return (
      <Button look="primary" size="sm" disabledReason={connect.isPending && "Leaving for the service"} onClick={() => connect.mutate()}>
        {connection === "needs_reauth" ? "Connect again" : "Connect"}
      </Button>
    );
  }
  if (connection !== "connected") return null;
  return (
    <div className="flex gap-2">
      <Button asChild size="sm">
        <Link to="/data" search={{ provider: service }}>
          See the data
        </Link>
      </Button>
      <Button size="sm" disabledReason={sync.isPending && "Asking for it"} onClick={() => sync.mutate()}>
        Sync now
      </Button>
    </div>
  );
}

export function AvailableCard({ about }: { about: AvailableIntegration }) {
  const connect = useConnect(about.service);
  const obstacle = !about.configured && "The operator of this deployment has not set up this service";
  return (
    <li className={`${card} flex flex-wrap items-center gap-x-3.5 gap-y-3`}>
      <ServiceIcon service={about.service} />
      <div className="min-w-48 grow basis-48">
        <h2 className="font-semibold">{about.name}</h2>
        <p className="text-sm text-soft">{obstacle ? `${obstacle}.` : about.description}</p>
      </div>
      <Button
        disabledReason={obstacle || (connect.isPending && "Leaving for the service")}
        onClick={() => connect.mutate()}
      >
        Connect<span className="sr-only"> {about.name}</span>
      </Button>
    </li>
  );
}
