// Says that the browser has no connection, on every page; what needs one waits until it is back.
import { CloudOff } from "lucide-react";
import { useSyncExternalStore } from "react";

function subscribe(listener: () => void) {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

export function Offline() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <p role="status" className="fixed inset-x-4 bottom-24 z-20 mx-auto flex w-fit items-center gap-2 rounded-full border border-line bg-raised px-4 py-2 text-sm shadow-lg empty:hidden">
      {!online && (
        <>
          <CloudOff className="size-4 text-warn" aria-hidden />
          You are offline. Everything goes on when you are back.
        </>
      )}
    </p>
  );
}
