// One error for whatever goes wrong with a request.
import type { components } from "./schema";

/** What the API answered, or `network` when nothing answered. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  static async from(response: Response): Promise<ApiError> {
    const body = (await response.json().catch(() => null)) as components["schemas"]["ErrorBody"] | null;
    const message = body?.error.message ?? `The server answered with status ${response.status}.`;
    return new ApiError(response.status, body?.error.code ?? "unknown", message);
  }

  static network(): ApiError {
    return new ApiError(0, "network", "The server can't be reached. Check the connection and try again.");
  }
}

/** What to tell the user of an error: the API's messages are lower case without a full stop. */
export function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : "Something went wrong.";
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
