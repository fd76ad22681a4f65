// What can be done with a session as a whole.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleStop } from "lucide-react";
import { type ReactNode, useState } from "react";
import { terminateSession } from "@/api/actions";
import { explain } from "@/api/errors";
import { sessionQuery, sessionsQuery } from "@/api/queries";
import { Confirm } from "@/components/dialog";
import { Menu, MenuItem } from "@/components/menu";
import { toast } from "@/stores/toasts";
import { shorten } from "./menu";

type Props = { session: { id: string; title: string }; trigger: ReactNode };

export default function LifecycleMenu({ session, trigger }: Props) {
  const [asking, ask] = useState(false);
  const name = session.title || "Untitled session";
  const client = useQueryClient();
  const terminate = useMutation({
    mutationFn: () => terminateSession(session.id),
    onSuccess: () => toast(`“${shorten(name)}” has ended.`),
    onError: (error) => toast(explain(error), "error"),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries(sessionsQuery),
        client.invalidateQueries({ queryKey: sessionQuery(session.id).queryKey }),
      ]),
  });
  return (
    <>
      <Menu trigger={trigger}>
        <MenuItem danger onSelect={() => ask(true)}>
          <CircleStop className="size-4" aria-hidden />
          End session
        </MenuItem>
      </Menu>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title="End this session?"
        description={`The agent of “${shorten(name)}” stops and its workspace is gone. The conversation stays readable. This can't be undone.`}
        action="End session"
        onConfirm={() => terminate.mutate()}
      />
    </>
  );
}
