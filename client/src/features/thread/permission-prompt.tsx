// The agent waits for the user's consent.
import { useMutation } from "@tanstack/react-query";
import { ShieldQuestion } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { answerPermission } from "@/api/actions";
import { explain } from "@/api/errors";
import type { Permission, PermissionReply } from "@/api/types";
import { Button } from "@/components/button";
import { inputStyle } from "@/components/field";
import { isWriting } from "@/hooks/use-shortcuts";
import { toast } from "@/stores/toasts";
import { PromptCard } from "./prompt-card";

export function PermissionPrompt({ sessionId, permission }: { sessionId: string; permission: Permission }) {
  const [message, setMessage] = useState("");
  const answer = useMutation({
    mutationFn: (reply: PermissionReply) => answerPermission(sessionId, permission.id, reply),
    onError: (error) => toast(explain(error), "error"),
  });
  // Its effect comes as an event, which takes the prompt away.
  const busy = (answer.isPending || answer.isSuccess) && "Waiting for the agent";
  const reject = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) answer.mutate({ reply: "reject", ...(message.trim() && { message: message.trim() }) });
  };
  const reply = useRef(answer.mutate);
  reply.current = (...given) => void (busy || answer.mutate(...given));
  const { always } = permission;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      if (event.key === "1") reply.current({ reply: "once" });
      if (event.key === "2" && always?.length) reply.current({ reply: "always" });
      if (event.key === "3") reply.current({ reply: "reject" });
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [always]);
  return (
    <PromptCard Icon={ShieldQuestion} title={`The agent wants to use ${permission.permission}`}>
      <pre className="max-h-48 overflow-auto rounded-lg bg-sunken px-3 py-2 font-mono text-[13px] whitespace-pre-wrap">
        {permission.patterns.join("\n")}
      </pre>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" disabledReason={busy} onClick={() => answer.mutate({ reply: "once" })}>
          Allow once <Key name="1" />
        </Button>
        {permission.always && permission.always.length > 0 && (
          <Button disabledReason={busy} onClick={() => answer.mutate({ reply: "always" })}>
            Always allow <code className="max-w-40 truncate font-mono text-[13px]">{permission.always.join(", ")}</code>
            <Key name="2" />
          </Button>
        )}
      </div>
      <form onSubmit={reject} className="flex gap-2">
        <input
          className={`${inputStyle} h-10 min-w-0`}
          aria-label="What to do instead"
          placeholder="Instead (optional)"
          value={message}
          onChange={(event) => setMessage(event.target.value)}
        />
        <Button type="submit" disabledReason={busy}>
          Reject <Key name="3" />
        </Button>
      </form>
    </PromptCard>
  );
}

const Key = ({ name }: { name: string }) => (
  <kbd className="rounded border border-current/30 px-1 font-mono text-xs opacity-80 pointer-coarse:hidden" aria-hidden>
    {name}
  </kbd>
);
