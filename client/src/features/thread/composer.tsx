// Where the user writes. Enter sends, Shift+Enter breaks the line; what is written is kept.
import { useMutation } from "@tanstack/react-query";
import { ArrowUp, Square } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useRef } from "react";
import { abortTurn } from "@/api/actions";
import { explain } from "@/api/errors";
import { Button } from "@/components/button";
import { toast } from "@/stores/toasts";
import { useDraft } from "./draft";

/** As the server has it. */
const BYTES_MAX = 64 * 1024;

type Props = { sessionId: string; status: string; onSend: (text: string) => void };

export function Composer({ sessionId, status, onSend }: Props) {
  const [draft, setDraft] = useDraft(sessionId);
  const form = useRef<HTMLFormElement>(null);
  const busy = status === "starting" || status === "running" || status === "stopping";
  if (status === "terminated") {
    return <p className="rounded-xl bg-sunken px-4 py-3 text-center text-sm text-soft">This session has ended.</p>;
  }
  const obstacle = obstacleOf(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (obstacle) return;
    onSend(draft.trim());
    setDraft("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is being composed, Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  return (
    <form
      ref={form}
      onSubmit={submit}
      className="flex items-end gap-1 rounded-2xl border border-edge bg-raised p-1 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent"
    >
      <div className="grow-with-text min-w-0 grow text-base" data-text={draft}>
        <textarea
          rows={1}
          autoFocus={matchMedia("(pointer: fine)").matches}
          aria-label="Message to the agent"
          placeholder={busy ? "Add to the queue" : "Message to the agent"}
          className="resize-none overflow-y-auto bg-transparent outline-none"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      {busy && <Stop sessionId={sessionId} stopping={status === "stopping"} />}
      <Button
        look="primary"
        size="icon"
        type="submit"
        className="m-0.5 rounded-xl"
        aria-label={busy ? "Add to the queue" : "Send"}
        disabledReason={obstacle}
      >
        <ArrowUp className="size-5" aria-hidden />
      </Button>
    </form>
  );
}

function obstacleOf(draft: string): string | undefined {
  if (draft.trim() === "") return "Write something first";
  if (new TextEncoder().encode(draft).length > BYTES_MAX) return "Too long: a message holds 64 KB";
  return undefined;
}

function Stop({ sessionId, stopping }: { sessionId: string; stopping: boolean }) {
  const stop = useMutation({
    mutationFn: () => abortTurn(sessionId),
    onError: (error) => toast(explain(error), "error"),
  });
  return (
    <Button
      size="icon"
      className="m-0.5 rounded-xl"
      aria-label="Stop the agent"
      disabledReason={(stopping || stop.isPending) && "Stopping"}
      onClick={() => stop.mutate()}
    >
      <Square className="size-4 fill-current" aria-hidden />
    </Button>
  );
}
