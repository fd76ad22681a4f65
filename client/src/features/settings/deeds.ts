// What the audit log's actions are called by people: also what was refused, hence no past tense.
const WORDS: Record<string, string> = {
  "GET /auth/{provider}/callback": "Sign in",
  "POST /auth/signout": "Sign out",
  "POST /auth/signout-everywhere": "Sign out everywhere",
  "DELETE /api/me/logins/{id}": "Sign out another browser",
  "POST /api/tokens": "Make a token",
  "PATCH /api/tokens/{id}": "Rename a token",
  "DELETE /api/tokens/{id}": "Revoke a token",
  "POST /api/me/export": "Ask for a copy of the data",
  "DELETE /api/me": "Delete the account",
  "PUT /api/admin/signup": "Change who may make an account",
  "POST /api/sessions": "Start a session",
  "PATCH /api/sessions/{id}": "Change a session",
  "DELETE /api/sessions/{id}": "End a session",
  "POST /agent/sessions/{id}/abort": "Stop an agent",
  "POST /agent/sessions/{id}/permissions/{permission_id}": "Answer a permission",
  "POST /agent/sessions/{id}/questions/{question_id}": "Answer a question",
  "POST /api/files": "Upload a file",
  "POST /api/files/{id}/complete": "Complete an upload",
  "DELETE /api/files/{id}": "Delete a file",
  "GET /api/integrations/{id}/callback": "Connect an account",
  "POST /api/integrations/callback": "Connect an account",
  "POST /api/integrations/{id}/configure": "Choose what is synced",
  "POST /api/integrations/{id}/sync": "Ask for a sync",
  "DELETE /api/integrations/{id}": "Disconnect an account",
};

/** An action that has no words yet stands as the server has it. */
export const wordsOf = (action: string) => WORDS[action] ?? action;

/** What it concerned: by its ids where there are any. */
export const subjectOf = (target: string) => target.match(/[a-z]{3}_\w+/g)?.join(", ") ?? target;
