// A session: its thread and what can be said in it.
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { ArrowLeft, FolderTree } from "lucide-react";
import { Suspense, lazy, useEffect, useState, useSyncExternalStore } from "react";
import { messagesQuery, sessionQuery } from "@/api/queries";
import type { Session } from "@/api/types";
import { Button } from "@/components/button";
import { placeOf } from "@/components/place";
import { Status } from "@/components/status";
import { TopBar } from "@/components/top-bar";
import { see } from "@/stores/seen";
import { SessionMenu } from "@/features/sessions/menu";
import { Conversation } from "./conversation";
import { ThreadStore } from "./store";
import { Viewers } from "./viewers";

const WorkspacePanel = lazy(() => import("./workspace-panel"));

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

  const [looking, look] = useState(false);
  const { thread } = snapshot;
  // Of the stored messages, for who came after the event that told of it.
  const turn = thread.messages.findLast(({ role, status }) => role === "assistant" && status !== "running")?.turn ?? 0;

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
          <p className="truncate font-mono text-xs text-soft">{placeOf(session)}</p>
        </div>
        <div className="ml-auto flex items-center gap-1 pl-2">
          <Viewers count={snapshot.thread.viewers} />
          <Status status={status} terse />
          <Button look="quiet" size="icon" aria-label="Files of the workspace" aria-pressed={looking} onClick={() => look(!looking)}>
            <FolderTree className="size-4.5" aria-hidden />
          </Button>
          {status !== "terminated" && <SessionMenu session={{ id: session.id, title }} />}
        </div>
      </TopBar>
      <div className="flex min-h-0 grow">
        <div className="relative flex min-w-0 grow flex-col">
          <Conversation store={store} snapshot={snapshot} sessionId={session.id} status={status} />
        </div>
        {looking && (
          <Suspense>
            <WorkspacePanel sessionId={session.id} version={thread.workspace} turn={turn} onClose={() => look(false)} />
          </Suspense>
        )}
      </div>
    </div>
  );
}
