// The agent waits for the user's consent.
import { useMutation } from "@tanstack/react-query";
import { ShieldQuestion } from "lucide-react";
import { type FormEvent, useState } from "react";
import { answerPermission } from "@/api/actions";
import { explain } from "@/api/errors";
import type { Permission, PermissionReply } from "@/api/types";
import { Button } from "@/components/button";
import { inputStyle } from "@/components/field";
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
  return (
    <PromptCard Icon={ShieldQuestion} title={`The agent wants to use ${permission.permission}`}>
      <pre className="max-h-48 overflow-auto rounded-lg bg-sunken px-3 py-2 font-mono text-[13px] whitespace-pre-wrap">
        {permission.patterns.join("\n")}
      </pre>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" disabledReason={busy} onClick={() => answer.mutate({ reply: "once" })}>
          Allow once
        </Button>
        {permission.always && permission.always.length > 0 && (
          <Button disabledReason={busy} onClick={() => answer.mutate({ reply: "always" })}>
            Always allow <code className="max-w-40 truncate font-mono text-[13px]">{permission.always.join(", ")}</code>
          </Button>
        )}
      </div>
      <form onSubmit={reject} className="flex gap-2">
        <input
          className={`${inputStyle} h-10 min-w-0`}
          aria-label="What to do instead"
          placeholder="What to do instead (optional)"
          value={message}
          onChange={(event) => setMessage(event.target.value)}
        />
        <Button type="submit" disabledReason={busy}>
          Reject
        </Button>
      </form>
    </PromptCard>
  );
}
