// The browsers in which the user is signed in.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { signOutBrowser, signOutEverywhere } from "@/api/actions";
import { explain } from "@/api/errors";
import { loginsQuery } from "@/api/queries";
import type { Login } from "@/api/types";
import { Button } from "@/components/button";
import { List } from "@/components/list";
import { Time } from "@/components/time";
import { signOut } from "@/stores/auth";
import { toast } from "@/stores/toasts";

export function Browsers() {
  const query = useQuery(loginsQuery);
  const everywhere = useMutation({
    mutationFn: signOutEverywhere,
    onSuccess: signOut,
    onError: (error) => toast(explain(error), "error"),
  });
  return (
    <>
      <List query={query} items={query.data?.logins} empty="No browser is signed in; you are here by an API token.">
        {(login) => <Row key={login.id} login={login} />}
      </List>
      {Boolean(query.data?.logins.length) && (
        <Button className="mt-4" disabledReason={everywhere.isPending && "Signing out"} onClick={() => everywhere.mutate()}>
          Sign out everywhere
        </Button>
      )}
    </>
  );
}

function Row({ login }: { login: Login }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => signOutBrowser(login.id),
    onError: (error) => toast(explain(error), "error"),
    onSettled: () => client.invalidateQueries(loginsQuery),
  });
  return (
    <li className="flex items-center gap-3 border-b border-line py-3 text-sm">
      <div className="min-w-0 grow">
        <p className="truncate font-medium" title={login.user_agent}>
          {browserOf(login.user_agent)}
          {login.current && <span className="font-normal text-accent"> · this one</span>}
        </p>
        <p className="text-soft">
          {login.address} · used <Time at={login.used_at} />
        </p>
      </div>
      {!login.current && (
        <Button look="quiet" size="sm" disabledReason={end.isPending && "Signing out"} onClick={() => end.mutate()}>
          Sign out
        </Button>
      )}
    </li>
  );
}

/** As people call it; the whole of it is in the title. */
export function browserOf(agent: string): string {
  const name = [/Edg/, /OPR/, /Firefox/, /Chrome/, /Safari/].find((name) => name.test(agent))?.source ?? "A browser";
  const system = [/Android/, /iPhone|iPad/, /Windows/, /Mac OS/, /Linux/].map((system) => system.exec(agent)?.[0]).find(Boolean);
  const known: Record<string, string> = { Edg: "Edge", OPR: "Opera" };
  return `${known[name] ?? name}${system ? ` on ${system}` : ""}`;
}
