// Why nothing was connected, and what to do next; the server says which.

const REFUSALS: Record<string, string> = {
  access_denied: "You did not agree there, so nothing was connected. Connect again when you like.",
  state_unknown: "That way was not finished in time, or it was finished already. Connect again.",
  other_service: "The answer came from another service than the one you left for. Connect again.",
  other_browser: "That was started in another browser. Connect again in this one.",
  other_account: "That was another account than before. Connect it again with the same account, or connect the new one on its own.",
  disconnecting: "This account is just being disconnected. Connect it again when that is done.",
  provider_failed: "The service did not answer as it should. Try again in a moment.",
  needs_reauth: "The service did not accept the consent any more. Connect again.",
};

export const refusalOf = (code: string) => REFUSALS[code] ?? "Something went wrong on the way back. Connect again.";
