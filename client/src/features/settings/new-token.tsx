// The dialog that makes a token, and shows it once.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { createToken } from "@/api/actions";
import { explain } from "@/api/errors";
import { tokensQuery } from "@/api/queries";
import type { Scope } from "@/api/types";
import { Button } from "@/components/button";
import { Copy } from "@/components/copy";
import { Dialog, DialogClose } from "@/components/dialog";
import { Field, inputStyle } from "@/components/field";

const SCOPES: Record<Scope, string> = {
  "sessions:read": "See sessions and what was said",
  "sessions:write": "Start sessions, prompt and answer the agent",
  "files:read": "Read files",
  "files:write": "Upload and delete files",
  "integrations:read": "Read what was synced",
  "integrations:write": "Connect, sync and disconnect",
  mcp: "Use the tools at /mcp",
  admin: "The account itself: tokens, browsers, deletion",
};

const DAYS: [string, number | null][] = [
  ["30 days", 30],
  ["90 days", 90],
  ["A year", 365],
  ["Never", null],
];

export function NewToken() {
  const [open, setOpen] = useState(false);
  const trigger = (
    <Button look="primary">
      <Plus className="size-4" aria-hidden />
      New token
    </Button>
  );
  return (
    <Dialog title="New token" description="It is shown once, here." trigger={trigger} open={open} onOpenChange={setOpen}>
      <Form />
    </Dialog>
  );
}

function Form() {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["sessions:read", "sessions:write"]);
  const [days, setDays] = useState<number | null>(90);
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => createToken({ name: name.trim(), scopes, ...(days && { expires_at: inDays(days) }) }),
    onSuccess: () => client.invalidateQueries(tokensQuery),
  });
  if (create.data) return <Made token={create.data.token} />;
  const obstacle = !name.trim() ? "Name it first" : scopes.length === 0 && "Choose what it may do";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!obstacle && !create.isPending) create.mutate();
  };
  const toggle = (scope: Scope, on: boolean) =>
    setScopes((scopes) => (on ? [...scopes, scope] : scopes.filter((other) => other !== scope)));
  return (
    <form onSubmit={submit} className="mt-5 space-y-4">
      <Field
        label="Name"
        placeholder="What it is for"
        autoFocus
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={create.isError ? explain(create.error) : undefined}
      />
      <fieldset className="space-y-1.5">
        <legend className="pb-1 text-sm font-medium">It may</legend>
        {Object.entries(SCOPES).map(([scope, what]) => (
          <label key={scope} className="flex items-start gap-2.5 text-sm">
            <input
              type="checkbox"
              className="mt-1 accent-accent"
              checked={scopes.includes(scope as Scope)}
              onChange={(event) => toggle(scope as Scope, event.target.checked)}
            />
            <span>
              {what} <span className="font-mono text-xs text-soft">{scope}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label className="block space-y-1.5 text-sm font-medium">
        Ends after
        <select
          className={`${inputStyle} h-10 font-normal`}
          value={days ?? ""}
          onChange={(event) => setDays(Number(event.target.value) || null)}
        >
          {DAYS.map(([label, days]) => (
            <option key={label} value={days ?? ""}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button look="primary" type="submit" disabledReason={create.isPending ? "Creating" : obstacle}>
          Create token
        </Button>
      </div>
    </form>
  );
}

function Made({ token }: { token: string }) {
  return (
    <div className="mt-5 space-y-4">
      <div className="flex items-center gap-1 rounded-lg bg-sunken py-1 pr-1 pl-3.5">
        <code className="min-w-0 grow font-mono text-[13px] break-all">{token}</code>
        <Copy text={token} label="Copy the token" />
      </div>
      <p className="text-sm text-soft">Keep it where only the program can read it. It can't be shown again.</p>
      <div className="flex justify-end">
        <DialogClose asChild>
          <Button look="primary">Done</Button>
        </DialogClose>
      </div>
    </div>
  );
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
