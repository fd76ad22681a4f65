// A list of settings with its states: on its way, failed, empty.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { explain } from "@/api/errors";
import { Button } from "@/components/button";
import { Notice, Skeleton } from "@/components/notice";

type Props<T> = {
  query: Pick<UseQueryResult, "isPending" | "isError" | "error" | "refetch">;
  items: readonly T[] | undefined;
  empty: string;
  children: (item: T) => ReactNode;
};

export function List<T>({ query, items, empty, children }: Props<T>) {
  if (items) {
    if (items.length === 0) return <p className="border-t border-line py-6 text-sm text-soft">{empty}</p>;
    return <ul className="border-t border-line">{items.map(children)}</ul>;
  }
  if (query.isPending) {
    return (
      <div role="status" aria-label="Loading" className="space-y-3">
        <Skeleton className="h-12" />
        <Skeleton className="h-12" />
      </div>
    );
  }
  return (
    <Notice title="This can't be shown" text={explain(query.error)}>
      <Button onClick={() => query.refetch()}>Try again</Button>
    </Notice>
  );
}
