// A copy of everything, and the end of everything.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { deleteAccount, startExport } from "@/api/actions";
import { explain } from "@/api/errors";
import { exportQuery } from "@/api/queries";
import type { Me } from "@/api/types";
import { Button } from "@/components/button";
import { Dialog, DialogClose } from "@/components/dialog";
import { Field } from "@/components/field";
import { signOut } from "@/stores/auth";

export function Account({ me }: { me: Me }) {
  return (
    <div className="space-y-8 text-sm">
      <section className="space-y-3">
        <h3 className="font-medium">A copy of your data</h3>
        <p className="text-soft">Sessions, messages, files and all else that is kept of you, as one archive.</p>
        <Export />
      </section>
      <section className="space-y-3">
        <h3 className="font-medium">Delete the account</h3>
        <p className="text-soft">
          Running agents stop, connections to other services are withdrawn, and everything above is deleted. Nobody can bring it back.
        </p>
        <Delete me={me} />
      </section>
    </div>
  );
}

function Export() {
  const start = useMutation({ mutationFn: startExport });
  const { data: state, error } = useQuery(exportQuery(start.data?.id));
  const failed = start.error ?? error;
  return (
    <div className="space-y-2" aria-live="polite">
      {state?.status === "ready" && state.url ? (
        <Button asChild look="primary">
          <a href={state.url} download>
            Download
          </a>
        </Button>
      ) : (
        <Button disabledReason={(start.isPending || state?.status === "pending") && "The copy is being made"} onClick={() => start.mutate()}>
          {start.isPending || state?.status === "pending" ? "Making the copy…" : "Make a copy"}
        </Button>
      )}
      {failed && <p className="text-danger">{explain(failed)}</p>}
      {state?.status === "failed" && <p className="text-danger">The copy could not be made. {state.reason}</p>}
    </div>
  );
}

function Delete({ me }: { me: Me }) {
  const [confirm, setConfirm] = useState("");
  const remove = useMutation({ mutationFn: () => deleteAccount(confirm), onSuccess: signOut });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (confirm === me.email && !remove.isPending) remove.mutate();
  };
  return (
    <Dialog title="Delete the account?" description="Everything goes. This can't be undone." trigger={<Button look="danger">Delete the account</Button>}>
      <form onSubmit={submit} className="mt-5 space-y-4">
        <Field
          label={`Type ${me.email} to go on`}
          autoComplete="off"
          spellCheck={false}
          value={confirm}
          onChange={(event) => setConfirm(event.target.value)}
          error={remove.isError ? explain(remove.error) : undefined}
        />
        <div className="flex justify-end gap-2">
          <DialogClose asChild>
            <Button>Keep it</Button>
          </DialogClose>
          <Button look="danger" type="submit" disabledReason={remove.isPending ? "Deleting" : confirm !== me.email && "Type the address first"}>
            Delete everything
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
