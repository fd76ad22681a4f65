// Who is here and who may come.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { setSignup } from "@/api/actions";
import { explain } from "@/api/errors";
import { signupQuery, usersQuery } from "@/api/queries";
import type { Signup } from "@/api/types";
import { Button } from "@/components/button";
import { inputStyle } from "@/components/field";
import { Awaited, List } from "@/components/list";
import { Time } from "@/components/time";
import { toast } from "@/stores/toasts";

export function People() {
  const rule = useQuery(signupQuery);
  const users = useInfiniteQuery(usersQuery);
  return (
    <div className="space-y-8">
      <section>
        <h3 className="pb-2 text-sm font-medium">New accounts</h3>
        {rule.data ? <Rule key={JSON.stringify(rule.data)} rule={rule.data} /> : <Awaited query={rule} rows={2} />}
      </section>
      <section>
        <h3 className="pb-2 text-sm font-medium">Accounts</h3>
        <List query={users} items={users.data?.pages.flatMap((page) => page.users)} empty="Nobody is here yet.">
          {(user) => (
            <li key={user.id} className="flex items-baseline gap-4 border-b border-line py-2.5 text-sm">
              <div className="min-w-0 grow wrap-anywhere">
                <p className="font-medium">{user.name}</p>
                <p className="text-soft">
                  {user.email} · since <Time at={user.created_at} />
                </p>
              </div>
              {user.admin && <span className="shrink-0 text-accent">Administrator</span>}
            </li>
          )}
        </List>
      </section>
    </div>
  );
}

function Rule({ rule }: { rule: Signup }) {
  const [open, setOpen] = useState(rule.open);
  const [allowed, setAllowed] = useState([...(rule.emails ?? []), ...(rule.domains ?? [])].join("\n"));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => setSignup({ open, ...parsed(allowed) }),
    onSuccess: (rule) => {
      client.setQueryData(signupQuery.queryKey, rule);
      toast("Saved.");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-3 text-sm">
      <label className="flex items-center gap-2.5">
        <input type="checkbox" className="accent-accent" checked={open} onChange={(event) => setOpen(event.target.checked)} />
        Open to everybody
      </label>
      <label className="block space-y-1.5">
        <span className="block">{open ? "If it is closed, open to" : "Open to"} these addresses and domains, one a line</span>
        <textarea
          className={`${inputStyle} min-h-28 py-2 font-mono text-[13px]!`}
          placeholder={"ana@example.com\nexample.org"}
          spellCheck={false}
          value={allowed}
          onChange={(event) => setAllowed(event.target.value)}
        />
      </label>
      {save.isError && <p role="alert" className="text-danger">{explain(save.error)}</p>}
      <Button look="primary" type="submit" disabledReason={save.isPending && "Saving"}>
        Save
      </Button>
    </form>
  );
}

/** What has an `@` is an address, anything else a domain. */
export function parsed(text: string): { emails: string[]; domains: string[] } {
  const lines = text.split(/[\s,]+/).filter(Boolean);
  return { emails: lines.filter((line) => line.includes("@")), domains: lines.filter((line) => !line.includes("@")) };
}
