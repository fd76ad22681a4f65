// What was read from the services that are connected.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { type EntityFilter, availableQuery, entitiesQuery, integrationsQuery } from "@/api/integrations";
import { Button } from "@/components/button";
import { List } from "@/components/list";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { Filters, NO_FILTER } from "./filters";
import { EntityRow } from "./row";

const route = getRouteApi("/signed-in/data");

export function DataPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const services = useServices();
  const query = useInfiniteQuery(entitiesQuery(filter));
  const change = (change: EntityFilter) => {
    const wanted = Object.entries({ ...filter, ...change }).filter(([, value]) => value);
    void navigate({ search: Object.fromEntries(wanted), replace: true });
  };
  const entities = query.data?.pages.flatMap((page) => page.entities);
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page title="Data" lead="Read from the services that you connected; your agents can look through it, too." wide>
      <Filters filter={filter} services={services} onChange={change} />
      <p role="status" className="sr-only">
        {entities && !query.isFetching && `${entities.length}${query.hasNextPage ? " or more" : ""} found`}
      </p>
      <div className={query.isPlaceholderData ? "opacity-60 transition-opacity" : ""}>
        <List query={query} items={entities} empty={filtered ? <NothingFits onClear={() => change(NO_FILTER)} /> : <NothingYet />}>
          {(entity) => <EntityRow key={entity.id} entity={entity} />}
        </List>
      </div>
    </Page>
  );
}

/** Those that are connected: nothing is there of the others. All of them while none is. */
function useServices() {
  const services = useQuery(availableQuery).data?.integrations ?? [];
  const connected = useQuery(integrationsQuery).data?.integrations ?? [];
  const used = services.filter(({ service }) => connected.some((integration) => integration.service === service));
  return used.length > 0 ? used : services;
}

const NothingFits = ({ onClear }: { onClear: () => void }) => (
  <Notice title="Nothing fits" text="Each word has to be there, as the beginning of a word, and every filter has to hold.">
    <Button onClick={onClear}>Show everything</Button>
  </Notice>
);

function NothingYet() {
  const connected = useQuery(integrationsQuery).data?.integrations.some(({ connection }) => connection === "connected");
  return connected ? (
    <Notice title="Nothing was read yet" text="The first reading may take some minutes. How far it is stands with the integration.">
      <Button asChild>
        <Link to="/integrations">See how far it is</Link>
      </Button>
    </Notice>
  ) : (
    <Notice title="Nothing is connected" text="Connect GitHub, Gmail or a calendar, and what is in them can be searched here.">
      <Button asChild look="primary">
        <Link to="/integrations">Connect a service</Link>
      </Button>
    </Notice>
  );
}
