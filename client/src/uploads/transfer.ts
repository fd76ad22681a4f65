// Sends bytes and says how many are gone, which `fetch` can't.
import { ApiError } from "@/api/errors";

type Request = {
  method: "POST" | "PUT";
  url: string;
  headers?: Record<string, string>;
  body: Blob | FormData;
  signal: AbortSignal;
  onSent: (bytes: number) => void;
};

export function transfer({ method, url, headers = {}, body, signal, onSent }: Request): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.onabort = () => reject(signal.reason);
    request.onerror = () => reject(ApiError.network());
    request.onload = () => (request.status < 300 ? resolve(parsed(request.responseText)) : reject(errorOf(request)));
    signal.addEventListener("abort", abort);
    request.send(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function errorOf({ status, responseText }: XMLHttpRequest): ApiError {
  const error = (parsed(responseText) as { error?: { code: string; message: string } } | null)?.error;
  return new ApiError(status, error?.code ?? "unknown", error?.message ?? `The server answered with status ${status}.`);
}
