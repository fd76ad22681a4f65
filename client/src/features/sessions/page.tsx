// The list of sessions.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useState } from "react";
import { explain } from "@/api/errors";
import { sessionsQuery } from "@/api/queries";
import { Button } from "@/components/button";
import { Notice, Skeleton } from "@/components/notice";
import { Page } from "@/components/page";
import { SearchInput } from "@/components/search-input";
import { Segmented } from "@/components/segmented";
import { type Shown, matching } from "./filter";
import { NewSessionButton } from "./new-session-button";
import { SessionRow } from "./row";

export function SessionsPage() {
  return (
    <Page title="Sessions" actions={<NewSessionButton />}>
      <Sessions />
    </Page>
  );
}

function Sessions() {
  const query = useInfiniteQuery(sessionsQuery);
  const [words, setWords] = useState("");
  const [shown, show] = useState<Shown>("all");
  const filter = { words: useDeferredValue(words), shown };
  const filtered = filter.words.trim() !== "" || shown !== "all";
  const { hasNextPage, isFetching, fetchNextPage } = query;
  // A search looks at all of them, not only at those that were scrolled to.
  useEffect(() => {
    if (filtered && hasNextPage && !isFetching) void fetchNextPage();
  }, [filtered, hasNextPage, isFetching, fetchNextPage]);

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
      <FirstSteps />
    );
  }
  const found = matching(sessions, filter);
  return (
    <>
      <Filter words={words} onWords={setWords} shown={shown} onShow={show} />
      <p role="status" className="sr-only">
        {filtered && `${found.length} sessions`}
      </p>
      {found.length === 0 && !hasNextPage ? (
        <Notice title="Nothing fits" text="No session has these words in its title or workspace and this state.">
          <Button onClick={() => (setWords(""), show("all"))}>Show all sessions</Button>
        </Notice>
      ) : (
        <ul className="border-t border-line">
          {found.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <div className="flex justify-center pt-4">
          <Button onClick={() => fetchNextPage()} disabledReason={query.isFetchingNextPage && "Loading"}>
            {query.isFetchingNextPage ? "Loading…" : "Show more"}
          </Button>
        </div>
      )}
    </>
  );
}

const STEPS: [title: string, text: string][] = [
  ["Start a session", "It is an agent with a workspace of its own. Leave every field empty if you like."],
  ["Say what is to be done", "In your own words; files go with a message by dropping them on it."],
  ["Watch it work", "Each step shows as it happens. Stop it, answer it, or add to its queue at any time."],
];

function FirstSteps() {
  return (
    <section aria-labelledby="first-steps" className="mx-auto max-w-md py-10">
      <h2 id="first-steps" className="font-semibold">
        Three steps to a running agent
      </h2>
      <ol className="space-y-4 py-5">
        {STEPS.map(([title, text], index) => (
          <li key={title} className="flex gap-3.5">
            <span className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-sunken text-sm font-semibold text-accent" aria-hidden>
              {index + 1}
            </span>
            <div className="text-sm">
              <p className="font-medium">{title}</p>
              <p className="text-soft">{text}</p>
            </div>
          </li>
        ))}
      </ol>
      <NewSessionButton />
    </section>
  );
}

type FilterProps = { words: string; onWords: (words: string) => void; shown: Shown; onShow: (shown: Shown) => void };

const CHOICES: [Shown, string][] = [
  ["all", "All"],
  ["working", "Working"],
  ["open", "Open"],
  ["ended", "Ended"],
];

function Filter({ words, onWords, shown, onShow }: FilterProps) {
  return (
    <search className="flex flex-wrap items-center gap-2 pb-4">
      <div className="relative min-w-48 grow">
        <SearchInput aria-label="Search sessions" placeholder="Search" value={words} onText={onWords} />
      </div>
      <Segmented label="State" value={shown} choices={CHOICES} onChoose={onShow} />
    </search>
  );
}

const Loading = () => (
  <div className="space-y-3" role="status" aria-label="Loading the sessions">
    {[1, 2, 3, 4].map((row) => (
      <Skeleton key={row} className="h-14" />
    ))}
  </div>
);
