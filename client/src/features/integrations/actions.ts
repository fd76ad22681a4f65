// What can be done with an integration, as mutations that say so when they fail.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { explain } from "@/api/errors";
import { disconnect, letAct, startConnecting, syncNow } from "@/api/integrations";
import type { Integration, Policy } from "@/api/types";
import { toast } from "@/stores/toasts";

const onError = (error: unknown) => toast(explain(error), "error");

/** Leaves for the service; it sends the browser back to `/integrations`. */
export function useConnect(service: string, id?: string) {
  return useMutation({ mutationFn: () => startConnecting(service, id), onSuccess: ({ url }) => location.assign(url), onError });
}

function useRefresh() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["integrations"] });
}

export function useSync(id: string) {
  return useMutation({ mutationFn: () => syncNow(id), onError, onSettled: useRefresh() });
}

export function useLetAct(integration: Integration) {
  return useMutation({ mutationFn: (policy: Policy) => letAct(integration, policy), onError, onSettled: useRefresh() });
}

export function useDisconnect(id: string) {
  return useMutation({ mutationFn: () => disconnect(id), onError, onSettled: useRefresh() });
}
