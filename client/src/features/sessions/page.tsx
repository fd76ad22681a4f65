// The list of sessions.
import { useInfiniteQuery } from "@tanstack/react-query";
import { explain } from "@/api/errors";
import { sessionsQuery } from "@/api/queries";
import { Button } from "@/components/button";
import { Notice, Skeleton } from "@/components/notice";
import { TopBar } from "@/components/top-bar";
import { NewSession } from "./new-session";
import { SessionRow } from "./row";

export function SessionsPage() {
  return (
    <div className="flex min-h-dvh flex-col">
      <TopBar />
      <main className="mx-auto w-full max-w-3xl px-4 py-6 sm:py-10">
        <div className="flex items-center justify-between pb-4">
          <h1 className="text-xl font-semibold">Sessions</h1>
          <NewSession />
        </div>
        <Sessions />
      </main>
    </div>
  );
}

function Sessions() {
  const query = useInfiniteQuery(sessionsQuery);
  if (query.isPending) return <Loading />;
  if (query.isError && !query.data) {
    return (
      <Notice title="The sessions can't be shown" text={explain(query.error)}>
        <Button onClick={() => query.refetch()}>Try again</Button>
      </Notice>
    );
  }
  const sessions = query.data.pages.flatMap((page) => page.sessions);
  if (sessions.length === 0) {
    return (
      <Notice title="No sessions yet" text="A session is an agent with a workspace of its own. Start one and tell it what to do.">
        <NewSession />
      </Notice>
    );
  }
  return (
    <>
      <ul className="border-t border-line">
        {sessions.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
      {query.hasNextPage && (
        <div className="flex justify-center pt-4">
          <Button onClick={() => query.fetchNextPage()} disabledReason={query.isFetchingNextPage && "Loading"}>
            {query.isFetchingNextPage ? "Loading…" : "Show more"}
          </Button>
        </div>
      )}
    </>
  );
}

const Loading = () => (
  <div className="space-y-3" role="status" aria-label="Loading the sessions">
    {[1, 2, 3, 4].map((row) => (
      <Skeleton key={row} className="h-14" />
    ))}
  </div>
);
