// A message that waits for its turn: it can still be changed or taken back.
import { useMutation } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { cancelMessage, editMessage } from "@/api/actions";
import { explain } from "@/api/errors";
import type { Message } from "@/api/types";
import { Button } from "@/components/button";
import { inputStyle } from "@/components/field";
import { toast } from "@/stores/toasts";
import { Bubble } from "./bubble";

type Props = { message: Message; position: number };

export function Waiting({ message, position }: Props) {
  const [editing, edit] = useState(false);
  const cancel = useMutation({
    mutationFn: () => cancelMessage(message.session_id, message.id),
    onError: (error) => toast(explain(error), "error"),
  });
  if (editing) return <Edit message={message} onDone={() => edit(false)} />;
  return (
    <article aria-label="You" className="flex flex-col items-end gap-1">
      <Bubble text={message.content} attachments={message.attachments} muted />
      <div className="flex flex-wrap items-center justify-end gap-1 text-sm text-soft">
        <span className="inline-flex items-center gap-1.5 pr-1">
          <Clock className="size-3.5" aria-hidden />
          {position === 1 ? "Next" : `Number ${position} in the queue`}
        </span>
        <Button look="quiet" size="sm" onClick={() => edit(true)}>
          Edit
        </Button>
        <Button look="quiet" size="sm" disabledReason={cancel.isPending && "Taking it back"} onClick={() => cancel.mutate()}>
          Take back
        </Button>
      </div>
    </article>
  );
}

function Edit({ message, onDone }: { message: Message; onDone: () => void }) {
  const [text, setText] = useState(message.content);
  const form = useRef<HTMLFormElement>(null);
  const save = useMutation({
    mutationFn: () => editMessage(message.session_id, message.id, text.trim()),
    onSuccess: onDone,
    // Its turn may have begun meanwhile: what was typed stays until the reader has seen why.
    onError: (error) => toast(explain(error), "error"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() && !save.isPending) save.mutate();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDone();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  return (
    <form ref={form} onSubmit={submit} className="ml-auto w-[85%] space-y-2">
      <textarea
        autoFocus
        aria-label="The waiting message"
        className={`${inputStyle} min-h-24 py-2`}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="flex justify-end gap-2">
        <Button size="sm" onClick={onDone}>
          Leave it as it was
        </Button>
        <Button look="primary" size="sm" type="submit" disabledReason={save.isPending ? "Saving" : !text.trim() && "Write something first"}>
          Save
        </Button>
      </div>
    </form>
  );
}
