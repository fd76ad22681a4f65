// Why nobody was signed in, and what to do next; the server says which.

const REFUSALS: Record<string, string> = {
  access_denied: "You did not agree, so nobody was signed in. Try again when you like.",
  signin_expired: "That sign-in was not finished in time, or it was finished already. Start again.",
  signin_mismatch: "That sign-in was started in another browser. Start again in this one.",
  code_rejected: "The provider did not accept the sign-in any more. Start again.",
  email_unverified: "Your account there has no verified e-mail address. Verify one there, then try again.",
  identity_rejected: "The provider's word for who you are did not hold. Try again; if it stays so, tell your operator.",
  signup_closed: "New accounts are open to invited addresses only. Ask your administrator to let yours in.",
  provider_not_configured: "This deployment is not connected to that provider. Choose another way to sign in.",
  provider_misconfigured: "The provider refuses this deployment. Your operator has to correct its client there.",
  provider_unavailable: "The provider did not answer as it should. Try again in a moment.",
  unavailable: "The service is too busy. Try again in a moment.",
};

export const refusalOf = (code: string) => REFUSALS[code] ?? "Something went wrong on our side. Try again in a moment.";
