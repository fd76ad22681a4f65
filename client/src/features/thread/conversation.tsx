// The thread, from the first message that is loaded to the composer.
import { useMutation } from "@tanstack/react-query";
import { ArrowDown } from "lucide-react";
import { Suspense, lazy, useCallback, useEffect } from "react";
import { explain } from "@/api/errors";
import { messagesPage } from "@/api/queries";
import type { Attachment, Message } from "@/api/types";
import { Button } from "@/components/button";
import { Notice } from "@/components/notice";
import { useStickToBottom } from "@/hooks/use-stick-to-bottom";
import { toast } from "@/stores/toasts";
import { announcementOf } from "./announcement";
import { Composer } from "./composer";
import { LinkNotice } from "./link-notice";
import { MessageView } from "./message";
import { MessageList } from "./message-list";
import { type Snapshot, ThreadStore } from "./store";
import type { Thread } from "./thread";
import { Todos } from "./todos";
import { Unsent, useOutbox } from "./outbox";

const loadPrompts = () => import("./prompts");
const Prompts = lazy(loadPrompts);

type Props = { store: ThreadStore; snapshot: Snapshot; sessionId: string; status: string };

export function Conversation({ store, snapshot, sessionId, status }: Props) {
  const { thread, link, earlier } = snapshot;
  const { scroller, content, atBottom, toBottom } = useStickToBottom();
  const outbox = useOutbox(sessionId, store.accept);
  const { unsent, send: post } = outbox;
  const send = useCallback(
    (text: string, attachments?: readonly Attachment[]) => {
      post(text, attachments);
      toBottom();
    },
    [post, toBottom],
  );
  // There before anything is asked.
  useEffect(() => void loadPrompts(), []);
  const last = thread.messages.length - 1;
  const waiting = thread.permissions.length + thread.questions.length > 0;
  const empty = thread.messages.length === 0 && unsent.length === 0;
  return (
    <>
      <main ref={scroller} tabIndex={-1} className="relative min-h-0 grow overflow-y-auto outline-none">
        <div ref={content} className="mx-auto max-w-3xl px-4 pt-6 pb-8">
          {earlier && <Earlier store={store} sessionId={sessionId} cursor={earlier} />}
          {empty && <Notice title="What is to be done?" text="Tell the agent below. It works in this session's workspace and shows each step." />}
          <MessageList scroller={scroller} messages={thread.messages}>
            {(message, index) => (
              <MessageView
                message={message}
                retry={message.status === "running" ? thread.retry : null}
                runner={message.status === "running" ? thread.runner : null}
                waiting={message.status === "running" && waiting}
                isLast={index === last}
                answered={thread.messages[index + 1]?.turn === message.turn}
                prompt={index === last ? promptOf(thread, message.turn) : undefined}
                position={positionOf(thread, message)}
                onAgain={send}
              />
            )}
          </MessageList>
          {unsent.map((message) => (
            <div key={message.clientId} className="pb-6">
              <Unsent unsent={message} onRetry={outbox.retry} onDiscard={outbox.discard} />
            </div>
          ))}
          {waiting && (
            <Suspense>
              <Prompts sessionId={sessionId} permissions={thread.permissions} questions={thread.questions} />
            </Suspense>
          )}
        </div>
      </main>
      <p role="status" className="sr-only">
        {announcementOf(thread)}
      </p>
      <footer className="relative shrink-0 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        <div className="mx-auto max-w-3xl space-y-2 px-3 sm:px-4">
          {!atBottom && (
            <Button
              size="icon"
              className="absolute -top-12 left-1/2 -translate-x-1/2 rounded-full! shadow-md"
              aria-label="To the latest"
              onClick={toBottom}
            >
              <ArrowDown className="size-4" aria-hidden />
            </Button>
          )}
          <LinkNotice link={link} ended={status === "terminated"} />
          {thread.warning && <p className="rounded-lg bg-warn-sunken px-3 py-1.5 text-sm text-warn">{thread.warning}</p>}
          <Todos todos={thread.todos} />
          <Composer sessionId={sessionId} status={status} onSend={send} />
        </div>
      </footer>
    </>
  );
}

/** In the queue, from 1; 0 for a message that does not wait. */
function positionOf(thread: Thread, message: Message): number {
  if (message.status !== "queued") return 0;
  return thread.messages.filter(({ status, turn }) => status === "queued" && turn <= message.turn).length;
}

const promptOf = (thread: Thread, turn: number) =>
  thread.messages.find((message) => message.turn === turn && message.role === "user");

function Earlier({ store, sessionId, cursor }: { store: ThreadStore; sessionId: string; cursor: string }) {
  const load = useMutation({
    mutationFn: () => messagesPage(sessionId, cursor),
    onSuccess: store.addEarlier,
    onError: (error) => toast(explain(error), "error"),
  });
  return (
    <div className="flex justify-center pb-6">
      <Button size="sm" disabledReason={load.isPending && "Loading"} onClick={() => load.mutate()}>
        {load.isPending ? "Loading…" : "Show earlier messages"}
      </Button>
    </div>
  );
}
