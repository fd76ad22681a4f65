// One integration: how it is, what of the account is synced, and what happened.
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/errors";
import { availableQuery, integrationQuery } from "@/api/integrations";
import { Button } from "@/components/button";
import { Notice } from "@/components/notice";
import { Page, backStyle } from "@/components/page";
import { Acting } from "./acting";
import { useSync } from "./actions";
import { ConfigForm } from "./config-form";
import { Logs } from "./logs";
import { IntegrationMenu } from "./menu";
import { aboutOf } from "./about";
import { ProblemNotice } from "./problem";
import { Resources } from "./resources";
import { State, Summary } from "./state";

const route = getRouteApi("/signed-in/integrations/$id");

export function IntegrationPage() {
  const { id } = route.useParams();
  const { data: available } = useSuspenseQuery(availableQuery);
  const { data: integration, error } = useQuery(integrationQuery(id));
  const sync = useSync(id);
  if (!integration || (error instanceof ApiError && error.status === 404)) return <Gone />;
  const about = aboutOf(integration, available.integrations);
  const { account, connection, problem } = integration;
  const connected = connection === "connected";
  const actions = connection !== "disconnecting" && (
    <>
      {connected && (
        <Button disabledReason={sync.isPending && "Asking for it"} onClick={() => sync.mutate()}>
          Sync now
        </Button>
      )}
      <IntegrationMenu integration={integration} name={about.name} />
    </>
  );
  return (
    <Page
      title={account ? `${about.name} · ${account.name}` : about.name}
      actions={actions}
      back={
        <Link to="/integrations" className={backStyle}>
          <ArrowLeft className="size-4" aria-hidden />
          All integrations
        </Link>
      }
    >
      <div className="space-y-10">
        <div className="space-y-3 text-sm text-soft">
          <State status={integration.sync_status} />
          <Summary integration={integration} />
          {problem && <ProblemNotice integration={integration} problem={problem} />}
        </div>
        {integration.resources.length > 0 && (
          <Section id="resources" title="What was read">
            <Resources integration={integration} />
          </Section>
        )}
        {connected && (
          <Section id="synced" title="What is synced">
            <ConfigForm key={JSON.stringify(integration.config)} integration={integration} schema={about.config_schema} />
          </Section>
        )}
        {connected && (
          <Section id="acting" title="What agents may do">
            <Acting integration={integration} />
          </Section>
        )}
        <Section id="log" title="Log">
          <Logs integration={integration} />
        </Section>
      </div>
    </Page>
  );
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={`${id}-title`} id={id} className="scroll-mt-6">
      <h2 id={`${id}-title`} className="pb-3 font-semibold">
        {title}
      </h2>
      {children}
    </section>
  );
}

const Gone = () => (
  <Page title="Disconnected">
    <Notice title="This account is no longer connected" text="The access was taken back, and what was read from it is deleted.">
      <Button asChild look="primary">
        <Link to="/integrations">All integrations</Link>
      </Button>
    </Notice>
  </Page>
);
