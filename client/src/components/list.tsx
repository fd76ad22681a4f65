// A list that comes from the server, with its states: on its way, failed, empty, more to come.
import type { ReactNode } from "react";
import { explain } from "@/api/errors";
import { Button } from "./button";
import { Notice, Skeleton } from "./notice";

type Query = { isPending: boolean; error: unknown; refetch: () => unknown };

type Props<T> = {
  query: Query & Partial<Paged>;
  items: readonly T[] | undefined;
  empty: ReactNode;
  children: (item: T) => ReactNode;
};

export function List<T>({ query, items, empty, children }: Props<T>) {
  if (!items) return <Awaited query={query} />;
  const { hasNextPage = false, isFetchingNextPage = false, fetchNextPage } = query;
  // A page may be empty although there are more.
  if (items.length === 0 && !hasNextPage) {
    return typeof empty === "string" ? <p className="border-t border-line py-6 text-sm text-soft">{empty}</p> : empty;
  }
  return (
    <>
      <ul className="border-t border-line">{items.map(children)}</ul>
      {hasNextPage && fetchNextPage && (
        <div className="flex justify-center pt-4">
          <Button onClick={() => fetchNextPage()} disabledReason={isFetchingNextPage && "Loading"}>
            {isFetchingNextPage ? "Loading…" : "Show more"}
          </Button>
        </div>
      )}
    </>
  );
}

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** Stands where something will be: rows while it is on its way, else why it did not come and how to try again. */
export function Awaited({ query, rows = 4 }: { query: Query; rows?: number }) {
  if (!query.isPending) {
    return (
      <Notice title="This can't be shown" text={explain(query.error)}>
        <Button onClick={() => query.refetch()}>Try again</Button>
      </Notice>
    );
  }
  return (
    <div role="status" aria-label="Loading" className="border-t border-line">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="space-y-2 border-b border-line py-3.5">
          <Skeleton className="h-4 w-2/5" />
          <Skeleton className="h-3.5 w-3/5" />
        </div>
      ))}
    </div>
  );
}
