// Sign-in with an API token.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { SquareChevronRight } from "lucide-react";
import { type FormEvent, useState } from "react";
import { checkToken } from "@/api/actions";
import { ApiError, explain } from "@/api/errors";
import { healthQuery } from "@/api/queries";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { authStore } from "@/stores/auth";

/** What the local stack, and nothing else, lets in. */
const LOCAL_TOKEN = "test-api-token-12345";

export function SignInPage() {
  const [token, setToken] = useState("");
  const { back } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const signIn = useMutation({
    mutationFn: checkToken,
    onSuccess: (_, token) => {
      authStore.getState().signIn(token);
      return navigate({ to: back ?? "/sessions", replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim()) signIn.mutate(token.trim());
  };
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center px-5 pb-[12dvh]">
      <SquareChevronRight className="size-8 text-accent" aria-hidden />
      <h1 className="mt-4 text-xl font-semibold">Sign in to Agent Ops</h1>
      <form onSubmit={submit} className="mt-6 space-y-4">
        <Field
          label="API token"
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          value={token}
          onChange={(event) => setToken(event.target.value)}
          error={signIn.isError ? reason(signIn.error) : undefined}
        />
        <Button look="primary" type="submit" className="w-full" disabledReason={signIn.isPending && "Signing in"}>
          {signIn.isPending ? "Signing in…" : "Sign in"}
        </Button>
      </form>
      <LocalHint onUse={(token) => signIn.mutate(token)} />
    </main>
  );
}

function reason(error: unknown): string {
  const refused = error instanceof ApiError && error.status === 401;
  return refused ? "This token is not known, or it was revoked or has expired." : explain(error);
}

function LocalHint({ onUse }: { onUse: (token: string) => void }) {
  const { data } = useQuery(healthQuery);
  if (data?.environment !== "development") return null;
  return (
    <p className="mt-6 rounded-lg bg-sunken px-4 py-3 text-sm text-soft">
      This is a local stack. Its token is <code className="font-mono text-[13px] whitespace-nowrap text-ink">{LOCAL_TOKEN}</code>.{" "}
      <button type="button" className="rounded font-medium text-accent underline" onClick={() => onUse(LOCAL_TOKEN)}>
        Use it
      </button>
    </p>
  );
}
