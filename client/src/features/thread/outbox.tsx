// Prompts on their way to the server. They show at once; one that fails can be sent again under
// the same id, so that it can't be taken twice.
import { useMemo, useState } from "react";
import { sendMessage } from "@/api/actions";
import { explain } from "@/api/errors";
import type { Attachment, MessageAccepted } from "@/api/types";
import { Button } from "@/components/button";
import { Bubble } from "./bubble";

export type UnsentMessage = { clientId: string; content: string; attachments: readonly Attachment[]; error: string | null };

export function useOutbox(sessionId: string, onAccepted: (accepted: MessageAccepted) => void) {
  const [unsent, setUnsent] = useState<UnsentMessage[]>([]);
  // The same functions each time, so that messages that did not change are not rendered again.
  const actions = useMemo(() => outboxOf(sessionId, setUnsent, onAccepted), [sessionId, onAccepted]);
  return { unsent, ...actions };
}

type SetUnsent = (change: (all: UnsentMessage[]) => UnsentMessage[]) => void;

function outboxOf(sessionId: string, setUnsent: SetUnsent, onAccepted: (accepted: MessageAccepted) => void) {
  const discard = (clientId: string) => setUnsent((all) => all.filter((message) => message.clientId !== clientId));
  const setError = (clientId: string, error: string | null) =>
    setUnsent((all) => all.map((message) => (message.clientId === clientId ? { ...message, error } : message)));

  const deliver = async ({ clientId, content, attachments }: UnsentMessage) => {
    try {
      onAccepted(await sendMessage(sessionId, content, attachments.map(({ file_id }) => file_id), clientId));
      discard(clientId);
    } catch (error) {
      setError(clientId, explain(error));
    }
  };
  const send = (content: string, attachments: readonly Attachment[] = []) => {
    const message = { clientId: crypto.randomUUID(), content, attachments, error: null };
    setUnsent((all) => [...all, message]);
    void deliver(message);
  };
  const retry = (message: UnsentMessage) => {
    setError(message.clientId, null);
    void deliver(message);
  };
  return { send, retry, discard };
}

type Props = { unsent: UnsentMessage; onRetry: (unsent: UnsentMessage) => void; onDiscard: (clientId: string) => void };

export function Unsent({ unsent, onRetry, onDiscard }: Props) {
  return (
    <article aria-label="You" className="flex flex-col items-end gap-1">
      <Bubble text={unsent.content} attachments={unsent.attachments} />
      {unsent.error === null ? (
        <p className="sr-only">Sending</p>
      ) : (
        <div role="alert" className="flex max-w-[85%] flex-wrap items-center justify-end gap-1 text-sm">
          <span className="text-danger">Not sent. {unsent.error}</span>
          <Button look="quiet" size="sm" onClick={() => onRetry(unsent)}>
            Try again
          </Button>
          <Button look="quiet" size="sm" onClick={() => onDiscard(unsent.clientId)}>
            Discard
          </Button>
        </div>
      )}
    </article>
  );
}
