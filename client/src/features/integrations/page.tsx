// What is connected, and what could be.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { availableQuery, integrationsQuery } from "@/api/integrations";
import { Button } from "@/components/button";
import { Awaited } from "@/components/list";
import { Page } from "@/components/page";
import { aboutOf } from "./about";
import { AvailableCard, IntegrationCard } from "./card";
import { refusalOf } from "./refusals";

const route = getRouteApi("/signed-in/integrations");

export function IntegrationsPage() {
  return (
    <Page title="Integrations" lead="What you connect here is kept up to date, for you to look through and for your agents to use.">
      <CameBack />
      <Integrations />
    </Page>
  );
}

function Integrations() {
  const available = useQuery(availableQuery);
  const connected = useQuery(integrationsQuery);
  if (!available.data) return <Awaited query={available} rows={3} />;
  if (!connected.data) return <Awaited query={connected} rows={3} />;
  const { integrations } = connected.data;
  const services = available.data.integrations;
  const open = services.filter(({ service }) => !integrations.some((integration) => integration.service === service));
  return (
    <div className="space-y-8">
      {integrations.length > 0 && (
        <ul className="space-y-3">
          {integrations.map((integration) => (
            <IntegrationCard key={integration.id} integration={integration} about={aboutOf(integration, services)} />
          ))}
        </ul>
      )}
      {open.length > 0 && (
        <ul className="space-y-3" aria-label="Not connected yet">
          {open.map((about) => (
            <AvailableCard key={about.service} about={about} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** How the way to the service ended. */
function CameBack() {
  const { connected, error } = route.useSearch();
  const navigate = route.useNavigate();
  if (!connected && !error) return null;
  const Icon = error ? CircleAlert : CircleCheck;
  return (
    <div
      role={error ? "alert" : "status"}
      className={`mb-5 flex items-start gap-2.5 rounded-lg py-2 pr-2 pl-3.5 text-sm ${error ? "bg-danger-sunken" : "bg-accent-sunken"}`}
    >
      <Icon className={`mt-2 size-4 shrink-0 ${error ? "text-danger" : "text-accent"}`} aria-hidden />
      <p className="grow py-1.5">{error ? refusalOf(error) : "Connected. What is there is being read; you can leave this page."}</p>
      <Button look="quiet" size="icon-sm" aria-label="Close" onClick={() => void navigate({ search: {}, replace: true })}>
        <X className="size-4" aria-hidden />
      </Button>
    </div>
  );
}
