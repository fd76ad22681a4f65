// What is asked of the server.
import { api, body } from "./client";
import type { MessageAccepted, PermissionReply, Scope, Signup } from "./types";

export type NewSession = { workspace?: string; repository?: string; title?: string; model?: string };

/** Whether a token is good, and not yet the one in use. */
export const checkToken = (token: string) =>
  body(api.GET("/api/sessions", { params: { query: { limit: 1 } }, headers: { authorization: `Bearer ${token}` } }));

export const createSession = (session: NewSession) => body(api.POST("/api/sessions", { body: session as never }));

/** Is carried out even if the page is left meanwhile. */
export const terminateSession = (id: string) => body(api.DELETE("/api/sessions/{id}", { params: { path: { id } }, keepalive: true }));

export const sendMessage = (id: string, content: string, attachments: string[], clientId: string) =>
  body<MessageAccepted | string>(
    api.POST("/agent/sessions/{id}/messages", {
      params: { path: { id } },
      body: { content, client_id: clientId, ...(attachments.length > 0 && { attachments }) },
      // Without this header's say the answer could be a stream as well.
      headers: { accept: "application/json" },
    }),
  ) as Promise<MessageAccepted>;

/** Takes a message back that waits. */
export const cancelMessage = (id: string, messageId: string) =>
  api.DELETE("/agent/sessions/{id}/messages/{message_id}", { params: { path: { id, message_id: messageId } } });

/** Other words for a message that waits. */
export const editMessage = (id: string, messageId: string, content: string) =>
  body(
    api.PATCH("/agent/sessions/{id}/messages/{message_id}", {
      params: { path: { id, message_id: messageId } },
      body: { content },
    }),
  );

export const renameSession = (id: string, title: string) =>
  body(api.PATCH("/api/sessions/{id}", { params: { path: { id } }, body: { title } as never }));

export const abortTurn = (id: string) =>
  body(api.POST("/agent/sessions/{id}/abort", { params: { path: { id } } }));

export const answerPermission = (id: string, permissionId: string, reply: PermissionReply) =>
  body(
    api.POST("/agent/sessions/{id}/permissions/{permission_id}", {
      params: { path: { id, permission_id: permissionId } },
      body: reply,
    }),
  );

/** Without answers, the question is dismissed. */
export const answerQuestion = (id: string, questionId: string, answers?: string[][]) =>
  body(
    api.POST("/agent/sessions/{id}/questions/{question_id}", {
      params: { path: { id, question_id: questionId } },
      body: { answers },
    }),
  );

export const createTicket = (id: string) => body(api.POST("/agent/sessions/{id}/ticket", { params: { path: { id } } }));

export type NewToken = { name: string; scopes: Scope[]; expires_at?: string };

/** The answer is the only one that has the token's text. */
export const createToken = (token: NewToken) => body(api.POST("/api/tokens", { body: token }));

export const revokeToken = (id: string) => api.DELETE("/api/tokens/{id}", { params: { path: { id } } });

export const signOutBrowser = (id: string) => api.DELETE("/api/me/logins/{id}", { params: { path: { id } } });

export const signOutEverywhere = () => api.POST("/auth/signout-everywhere");

export const startExport = () => body(api.POST("/api/me/export"));

export const deleteAccount = (confirm: string) => body(api.DELETE("/api/me", { body: { confirm } }));

export const setSignup = (rule: Signup) => body(api.PUT("/api/admin/signup", { body: rule }));
