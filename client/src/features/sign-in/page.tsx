// Sign-in: at GitHub or Google where the deployment has a client there, or with an API token.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CircleAlert, SquareChevronRight } from "lucide-react";
import { type FormEvent, useState } from "react";
import { checkToken } from "@/api/actions";
import { ApiError, explain } from "@/api/errors";
import { healthQuery, signinProvidersQuery } from "@/api/queries";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { authStore } from "@/stores/auth";
import { refusalOf } from "./refusals";

/** What the local stack, and nothing else, lets in. */
const LOCAL_TOKEN = "test-api-token-12345";

const NAMES: Record<string, string> = { github: "GitHub", google: "Google" };

export function SignInPage() {
  const { back, error } = useSearch({ from: "/signin" });
  const navigate = useNavigate();
  const providers = useQuery(signinProvidersQuery).data?.providers ?? [];
  const signIn = useMutation({
    mutationFn: checkToken,
    onSuccess: (_, token) => {
      authStore.getState().signIn(token);
      return navigate({ href: back ?? "/sessions", replace: true });
    },
  });
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center px-5 py-10">
      <SquareChevronRight className="size-8 text-accent" aria-hidden />
      <h1 className="mt-4 text-xl font-semibold">Sign in to Agent Ops</h1>
      {error && (
        <p role="alert" className="mt-4 flex items-start gap-2.5 rounded-lg bg-danger-sunken px-3.5 py-2.5 text-sm">
          <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />
          {refusalOf(error)}
        </p>
      )}
      {providers.length > 0 && (
        <div className="mt-6 space-y-2">
          {providers.map((provider) => (
            <Button key={provider} asChild look="primary" className="w-full">
              <a href={`/auth/${provider}?return_to=${encodeURIComponent(back ?? "/sessions")}`}>
                Continue with {NAMES[provider] ?? provider}
              </a>
            </Button>
          ))}
        </div>
      )}
      <ByToken folded={providers.length > 0} signIn={signIn} />
      <LocalHint onUse={(token) => signIn.mutate(token)} />
    </main>
  );
}

type ByTokenProps = { folded: boolean; signIn: { mutate: (token: string) => void; isPending: boolean; error: unknown } };

function ByToken({ folded, signIn }: ByTokenProps) {
  const [open, setOpen] = useState(false);
  const [token, setToken] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim()) signIn.mutate(token.trim());
  };
  if (folded && !open) {
    return (
      <Button look="quiet" className="mt-3" onClick={() => setOpen(true)}>
        Use an API token
      </Button>
    );
  }
  return (
    <form onSubmit={submit} className="mt-6 space-y-4">
      <Field
        label="API token"
        type="password"
        autoComplete="current-password"
        autoFocus
        required
        value={token}
        onChange={(event) => setToken(event.target.value)}
        error={signIn.error ? reason(signIn.error) : undefined}
      />
      <Button look={folded ? "plain" : "primary"} type="submit" className="w-full" disabledReason={signIn.isPending && "Signing in"}>
        {signIn.isPending ? "Signing in…" : "Sign in"}
      </Button>
    </form>
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
