// What can be done with a session as a whole.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleStop, PenLine } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { renameSession, terminateSession } from "@/api/actions";
import { explain } from "@/api/errors";
import { sessionQuery, sessionsQuery } from "@/api/queries";
import { Button } from "@/components/button";
import { Dialog, DialogClose } from "@/components/dialog";
import { Field } from "@/components/field";
import { Menu, MenuItem, MenuLine } from "@/components/menu";
import { later, toast } from "@/stores/toasts";
import { shorten } from "./menu";

type Props = { session: { id: string; title: string }; trigger: ReactNode; wanted: boolean };

export default function LifecycleMenu({ session, trigger, wanted }: Props) {
  const [renaming, rename] = useState(false);
  const name = session.title || "Untitled session";
  const refresh = useRefresh(session.id);
  const end = () =>
    // Nothing is ended yet: the workspace could not be brought back.
    later(`“${shorten(name)}” ends.`, async () => {
      try {
        await terminateSession(session.id);
      } catch (error) {
        toast(explain(error), "error");
      }
      await refresh();
    });
  return (
    <>
      <Menu trigger={trigger} defaultOpen={wanted}>
        <MenuItem onSelect={() => rename(true)}>
          <PenLine className="size-4" aria-hidden />
          Rename
        </MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={end}>
          <CircleStop className="size-4" aria-hidden />
          End session
        </MenuItem>
      </Menu>
      <Dialog title="Rename the session" description="The title is yours alone; the agent does not see it." open={renaming} onOpenChange={rename}>
        <Rename session={session} onDone={() => rename(false)} />
      </Dialog>
    </>
  );
}

function useRefresh(id: string) {
  const client = useQueryClient();
  return () =>
    Promise.all([client.invalidateQueries(sessionsQuery), client.invalidateQueries({ queryKey: sessionQuery(id).queryKey })]);
}

function Rename({ session, onDone }: { session: Props["session"]; onDone: () => void }) {
  const [title, setTitle] = useState(session.title);
  const refresh = useRefresh(session.id);
  const rename = useMutation({
    mutationFn: () => renameSession(session.id, title.trim()),
    onSuccess: () => (onDone(), refresh()),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() && !rename.isPending) rename.mutate();
  };
  return (
    <form onSubmit={submit} className="mt-5 space-y-4">
      <Field
        label="Title"
        autoFocus
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        error={rename.isError ? explain(rename.error) : undefined}
      />
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button look="primary" type="submit" disabledReason={rename.isPending ? "Saving" : !title.trim() && "Write a title first"}>
          Save
        </Button>
      </div>
    </form>
  );
}
