// The dialog that makes a session.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ComponentProps, type FormEvent, useId, useState } from "react";
import { createSession } from "@/api/actions";
import { explain } from "@/api/errors";
import { integrationsQuery } from "@/api/integrations";
import { sessionQuery, sessionsQuery } from "@/api/queries";
import { Button } from "@/components/button";
import { Dialog, DialogClose } from "@/components/dialog";
import { Field } from "@/components/field";
import { Segmented } from "@/components/segmented";
import { show } from "@/stores/overlays";

const ROOT = "/workspace";

const BEGINNINGS = [
  ["folder", "A folder"],
  ["repository", "A repository"],
] as const;

export default function NewSession() {
  return (
    <Dialog title="New session" description="An agent with a workspace of its own." open onOpenChange={() => show(null)}>
      <NewSessionForm />
    </Dialog>
  );
}

function NewSessionForm() {
  const [beginning, begin] = useState<"folder" | "repository">("folder");
  const [folder, setFolder] = useState("");
  const [repository, setRepository] = useState("");
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
      create.mutate({ ...(beginning === "folder" ? { workspace: workspaceOf(folder) } : { repository: repository.trim() }), ...named });
    }
  };
  const error = create.isError ? explain(create.error) : undefined;
  return (
    <form onSubmit={submit} className="mt-5 space-y-4">
      <Segmented label="It works in" value={beginning} choices={BEGINNINGS} onChoose={begin} />
      {beginning === "folder" ? (
        <Field
          label="Workspace"
          placeholder={ROOT}
          hint="A folder under /workspace. Leave it empty for /workspace itself."
          value={folder}
          onChange={(event) => setFolder(event.target.value)}
          error={error}
          {...VERBATIM}
        />
      ) : (
        <RepositoryField value={repository} onChange={(event) => setRepository(event.target.value)} error={error} />
      )}
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
        value={model}
        onChange={(event) => setModel(event.target.value)}
        {...VERBATIM}
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

/** Names that are no words. */
const VERBATIM = { spellCheck: false, autoCapitalize: "off" };

/** Any that the connected account can read; those that are synced are offered. */
function RepositoryField(props: Omit<ComponentProps<typeof Field>, "label">) {
  const list = useId();
  const integrations = useQuery(integrationsQuery).data?.integrations ?? [];
  const names = integrations.filter(({ service }) => service === "github").flatMap(({ resources }) => resources.map(({ name }) => name));
  return (
    <>
      <Field
        label="Repository"
        placeholder="owner/name"
        hint="At GitHub. It is cloned with the access of the account that you connected."
        required
        list={list}
        {...props}
        {...VERBATIM}
      />
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

/** People write `notes` and mean `/workspace/notes`. */
export function workspaceOf(folder: string): string {
  const path = folder.trim();
  if (path === "") return ROOT;
  return path.startsWith("/") ? path : `${ROOT}/${path}`;
}
