// Where the user writes. Enter sends, Shift+Enter breaks the line; what is written is kept.
import { useMutation } from "@tanstack/react-query";
import { ArrowUp, Paperclip, Square } from "lucide-react";
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useRef } from "react";
import { abortTurn } from "@/api/actions";
import { explain } from "@/api/errors";
import type { Attachment } from "@/api/types";
import { Button } from "@/components/button";
import { DropHint } from "@/components/drop-hint";
import { FileInput } from "@/components/file-input";
import { useDrop } from "@/hooks/use-drop";
import { toast } from "@/stores/toasts";
import { named } from "@/uploads/uploads";
import { Uploads, useAttachments } from "./attachments";
import { useDraft } from "./draft";

/** As the server has it. */
const BYTES_MAX = 64 * 1024;

type Props = { sessionId: string; status: string; onSend: (text: string, attachments: Attachment[]) => void };

export function Composer(props: Props) {
  if (props.status === "terminated") {
    return <p className="rounded-xl bg-sunken px-4 py-3 text-center text-sm text-soft">This session has ended.</p>;
  }
  return <Open {...props} />;
}

function Open({ sessionId, status, onSend }: Props) {
  const [draft, setDraft] = useDraft(sessionId);
  const { uploads, add, take, obstacle: unready } = useAttachments();
  const form = useRef<HTMLFormElement>(null);
  const over = useDrop(add);
  const busy = status === "starting" || status === "running" || status === "stopping";
  const obstacle = obstacleOf(draft) ?? unready;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (obstacle) return;
    onSend(draft.trim(), take());
    setDraft("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is being composed, Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    // Text that brings a picture of itself, as office programs copy it, is text.
    if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add(named(files));
  };
  return (
    <form
      ref={form}
      onSubmit={submit}
      className="rounded-2xl border border-edge bg-raised focus-within:border-accent focus-within:ring-1 focus-within:ring-accent"
    >
      {over && <DropHint>Drop to attach</DropHint>}
      <Uploads uploads={uploads} />
      <div className="flex items-end gap-1 p-1">
        <Attach onFiles={(files) => add(named(files))} />
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
            onPaste={onPaste}
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
      </div>
    </form>
  );
}

function Attach({ onFiles }: { onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button look="quiet" size="icon" className="m-0.5 mr-0 rounded-xl" aria-label="Attach files" onClick={() => input.current?.click()}>
        <Paperclip className="size-4.5" aria-hidden />
      </Button>
      <FileInput ref={input} multiple label="Files to attach" onFiles={onFiles} />
    </>
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
