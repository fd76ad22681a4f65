// API tokens: what programs sign in with.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { revokeToken } from "@/api/actions";
import { explain } from "@/api/errors";
import { tokensQuery } from "@/api/queries";
import type { ApiToken } from "@/api/types";
import { Button } from "@/components/button";
import { Confirm } from "@/components/dialog";
import { List } from "@/components/list";
import { Time } from "@/components/time";
import { toast } from "@/stores/toasts";
import { NewToken } from "./new-token";

export function Tokens() {
  const query = useQuery(tokensQuery);
  return (
    <>
      <div className="flex items-start justify-between gap-4 pb-4">
        <p className="text-sm text-soft">A token lets a program act for you, within the scopes that you give it.</p>
        <NewToken />
      </div>
      <List query={query} items={query.data?.tokens} empty="No tokens yet.">
        {(token) => <Row key={token.id} token={token} />}
      </List>
    </>
  );
}

function Row({ token }: { token: ApiToken }) {
  const [asking, ask] = useState(false);
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: () => toast(`“${token.name}” was revoked.`),
    onError: (error) => toast(explain(error), "error"),
    onSettled: () => client.invalidateQueries(tokensQuery),
  });
  const over = token.expires_at && Date.parse(token.expires_at) < Date.now();
  return (
    <li className="flex items-center gap-3 border-b border-line py-3 text-sm">
      <div className="min-w-0 grow">
        <p className="truncate font-medium">
          {token.name} <span className="font-mono text-xs font-normal text-soft">…{token.hint}</span>
        </p>
        <p className="text-soft">
          {token.scopes.join(", ")}
          <span aria-hidden> · </span>
          {token.used_at ? (
            <>
              used <Time at={token.used_at} />
            </>
          ) : (
            "never used"
          )}
          {token.expires_at && (
            <>
              <span aria-hidden> · </span>
              {over ? "expired" : "expires"} <Time at={token.expires_at} />
            </>
          )}
        </p>
      </div>
      <Button look="quiet" size="sm" onClick={() => ask(true)} disabledReason={revoke.isPending && "Revoking"}>
        Revoke
      </Button>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title="Revoke this token?"
        description={`Programs that use “${token.name}” are refused from now on. This can't be undone.`}
        action="Revoke"
        onConfirm={() => revoke.mutate()}
      />
    </li>
  );
}
