// A session: its thread and what can be said in it.
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { messagesQuery, sessionQuery } from "@/api/queries";
import type { Session } from "@/api/types";
import { Button } from "@/components/button";
import { Status } from "@/components/status";
import { TopBar } from "@/components/top-bar";
import { see } from "@/stores/seen";
import { SessionMenu } from "@/features/sessions/menu";
import { Conversation } from "./conversation";
import { ThreadStore } from "./store";
import { Viewers } from "./viewers";

const route = getRouteApi("/signed-in/sessions/$id");

export function ThreadPage() {
  const { id } = route.useParams();
  const { data: session } = useSuspenseQuery(sessionQuery(id));
  return <ThreadOf key={id} session={session} />;
}

function ThreadOf({ session }: { session: Session }) {
  const { data: page } = useSuspenseQuery(messagesQuery(session.id));
  // Made from the first page; events keep it up to date from there.
  const [store] = useState(() => new ThreadStore(session.id, page));
  const snapshot = useSyncExternalStore(store.subscribe, store.read);
  // Ended elsewhere: the session's own record says so before an event can.
  const ended = useQuery(sessionQuery(session.id)).data?.status === "terminated";
  const status = ended ? "terminated" : (snapshot.thread.session?.status ?? session.status);
  const title = snapshot.thread.session?.title || session.title || "New session";

  useEffect(() => {
    document.title = `${title} · Agent Ops`;
    return () => {
      document.title = "Agent Ops";
    };
  }, [title]);

  // As long as the page is open, what comes is seen.
  const seq = snapshot.thread.seq;
  useEffect(() => {
    if (document.visibilityState === "visible") see(session.id, new Date().toISOString());
  }, [session.id, seq]);

  return (
    <div className="flex h-dvh flex-col">
      <TopBar>
        <Button asChild look="quiet" size="icon">
          <Link to="/sessions" aria-label="All sessions">
            <ArrowLeft className="size-4.5" aria-hidden />
          </Link>
        </Button>
        <div className="min-w-0">
          <h1 className="truncate text-[15px] leading-snug font-semibold">{title}</h1>
          <p className="truncate font-mono text-xs text-soft">{session.workspace}</p>
        </div>
        <div className="ml-auto flex items-center gap-1 pl-2">
          <Viewers count={snapshot.thread.viewers} />
          <Status status={status} terse />
          {status !== "terminated" && <SessionMenu session={{ id: session.id, title }} />}
        </div>
      </TopBar>
      <Conversation store={store} snapshot={snapshot} sessionId={session.id} status={status} />
    </div>
  );
}
