// The dialog that makes a session.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { createSession } from "@/api/actions";
import { explain } from "@/api/errors";
import { sessionQuery, sessionsQuery } from "@/api/queries";
import { Button } from "@/components/button";
import { Dialog, DialogClose } from "@/components/dialog";
import { Field } from "@/components/field";
import { show } from "@/stores/overlays";

const ROOT = "/workspace";

export default function NewSession() {
  return (
    <Dialog title="New session" description="An agent with a workspace of its own." open onOpenChange={() => show(null)}>
      <NewSessionForm />
    </Dialog>
  );
}

function NewSessionForm() {
  const [folder, setFolder] = useState("");
  const [title, setTitle] = useState("");
  const [model, setModel] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: createSession,
    onSuccess: async (session) => {
      client.setQueryData(sessionQuery(session.id).queryKey, session);
      void client.invalidateQueries(sessionsQuery);
      show(null);
      await navigate({ to: "/sessions/$id", params: { id: session.id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) {
      const named = { ...(title.trim() && { title: title.trim() }), ...(model.trim() && { model: model.trim() }) };
      create.mutate({ workspace: workspaceOf(folder), ...named });
    }
  };
  return (
    <form onSubmit={submit} className="mt-5 space-y-4">
      <Field
        label="Workspace"
        placeholder={ROOT}
        hint="A folder under /workspace. Leave it empty for /workspace itself."
        spellCheck={false}
        autoCapitalize="off"
        value={folder}
        onChange={(event) => setFolder(event.target.value)}
        error={create.isError ? explain(create.error) : undefined}
      />
      <Field
        label="Title"
        placeholder="Taken from the first message"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <Field
        label="Model"
        placeholder="The default of this deployment"
        hint="Provider and name, such as anthropic/claude-sonnet-4-5."
        spellCheck={false}
        autoCapitalize="off"
        value={model}
        onChange={(event) => setModel(event.target.value)}
      />
      <div className="flex justify-end gap-2 pt-2">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button look="primary" type="submit" disabledReason={create.isPending && "Creating"}>
          {create.isPending ? "Creating…" : "Create session"}
        </Button>
      </div>
    </form>
  );
}

/** People write `notes` and mean `/workspace/notes`. */
export function workspaceOf(folder: string): string {
  const path = folder.trim();
  if (path === "") return ROOT;
  return path.startsWith("/") ? path : `${ROOT}/${path}`;
}
