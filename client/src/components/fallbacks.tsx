// What stands in for a page that is not there, failed, or is on its way.
import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { ApiError, explain } from "@/api/errors";
import { Button } from "./button";
import { Notice, Skeleton } from "./notice";
import { TopBar } from "./top-bar";

const ToSessions = () => (
  <Button asChild look="primary">
    <Link to="/sessions">All sessions</Link>
  </Button>
);

export function NotFoundPage() {
  return (
    <>
      <TopBar />
      <Notice title="There is nothing here" text="The address may be mistyped, or it belongs to another account.">
        <ToSessions />
      </Notice>
    </>
  );
}

export function ErrorPage({ error }: { error: unknown }) {
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return <NotFoundPage />;
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <>
      <TopBar />
      <Notice title="This page can't be shown" text={explain(error)}>
        <Button look="primary" onClick={retry}>
          Try again
        </Button>
        <Button asChild>
          <Link to="/sessions">All sessions</Link>
        </Button>
      </Notice>
    </>
  );
}

export const PendingPage = () => (
  <div role="status" aria-label="Loading">
    <TopBar />
    <div className="mx-auto max-w-3xl space-y-6 px-4 py-10">
      <Skeleton className="ml-auto h-12 w-2/3" />
      <Skeleton className="h-24 w-full" />
      <Skeleton className="h-16 w-4/5" />
    </div>
  </div>
);
