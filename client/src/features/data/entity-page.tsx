// One entity, with the way to where it comes from.
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, getRouteApi, useCanGoBack, useRouter } from "@tanstack/react-router";
import { ArrowLeft, ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { availableQuery, entityQuery } from "@/api/integrations";
import type { Person } from "@/api/types";
import { Button } from "@/components/button";
import { CodeBlock } from "@/components/code-block";
import { Page, backStyle } from "@/components/page";
import { Time } from "@/components/time";
import { lookOf } from "./kinds";
import { Label, StateBadge } from "./row";
import { spanOf } from "./when";

const route = getRouteApi("/signed-in/data/$id");

export function EntityPage() {
  const { id } = route.useParams();
  const { data: entity } = useSuspenseQuery(entityQuery(id));
  const { data: available } = useSuspenseQuery(availableQuery);
  const service = available.integrations.find(({ service }) => service === entity.provider)?.name ?? entity.provider;
  const { one } = lookOf(entity.kind);
  const source = webAddress(entity.url);
  return (
    <Page
      title={entity.title || "Without a title"}
      back={<Back />}
      actions={
        source && (
          <Button asChild>
            <a href={source} target="_blank" rel="noopener noreferrer">
              <ExternalLink className="size-4" aria-hidden />
              Open in {service}
              <span className="sr-only"> (in a new tab)</span>
            </a>
          </Button>
        )
      }
    >
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2.5 pb-6 text-sm">
        <Fact name="Kind">
          <span className="inline-flex flex-wrap items-center gap-x-3">
            {one} from {service}
            {entity.state && <StateBadge state={entity.state} />}
          </span>
        </Fact>
        {entity.starts_at && <Fact name="When">{spanOf(entity.starts_at, entity.ends_at)}</Fact>}
        {entity.author && <Fact name="From">{nameOf(entity.author)}</Fact>}
        {entity.people.length > 0 && <Fact name="People">{entity.people.map(nameOf).join(", ")}</Fact>}
        {entity.labels.length > 0 && (
          <Fact name="Labels">
            <span className="flex flex-wrap gap-1.5">
              {entity.labels.map((label) => (
                <Label key={label} text={label} />
              ))}
            </span>
          </Fact>
        )}
        <Fact name="Changed">
          <Time at={entity.updated_at} />, made <Time at={entity.created_at} />
        </Fact>
      </dl>
      {entity.body ? (
        <div className="border-t border-line py-6 wrap-anywhere whitespace-pre-wrap">{entity.body}</div>
      ) : (
        <p className="border-t border-line py-6 text-sm text-soft">It has no text.</p>
      )}
      <details className="group/raw border-t border-line py-3">
        <summary className="inline-flex list-none items-center rounded py-1.5 text-sm text-soft hover:text-ink">As the service sent it</summary>
        <div className="pt-2">
          <CodeBlock code={JSON.stringify(entity.raw, null, 2)} language="json" label="As the service sent it" />
        </div>
      </details>
    </Page>
  );
}

/** To the list as it was, filters and all; to a fresh one for who came by a link. */
function Back() {
  const router = useRouter();
  const canGoBack = useCanGoBack();
  const content = (
    <>
      <ArrowLeft className="size-4" aria-hidden />
      {canGoBack ? "Back" : "All data"}
    </>
  );
  if (!canGoBack) return <Link to="/data" className={backStyle} children={content} />;
  return <button type="button" className={backStyle} onClick={() => router.history.back()} children={content} />;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}

const nameOf = ({ id, name }: Person) => (name && name !== id ? `${name} (${id})` : id);

/** A service's word for an address is not one: only the web's are links. */
const webAddress = (url: string | null | undefined) => (url && /^https?:\/\//.test(url) ? url : undefined);
