// Generated from shared/wire/openapi.json by `npm run types`. Not to be edited.

export interface paths {
    "/agent/sessions/{id}/abort": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["abort_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["follow_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/events/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_event"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_messages"];
        put?: never;
        post: operations["send_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/messages/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["cancel_message"];
        options?: never;
        head?: never;
        patch: operations["edit_message"];
        trace?: never;
    };
    "/agent/sessions/{id}/outputs/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_output"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/permissions/{permission_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["answer_permission"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/questions/{question_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["answer_question"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["create_ticket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/turns/{turn}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_turn_diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/workspace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["look_into_workspace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agent/sessions/{id}/workspace/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["download_workspace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_all_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["export_user_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["deployment_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_limits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/signup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_signup"];
        put: operations["set_signup"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["export_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_entities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/entities/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_entity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_files"];
        put?: never;
        post: operations["upload_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["download_file"];
        put?: never;
        post?: never;
        delete: operations["delete_file"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/{id}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["complete_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/{id}/meta": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/{id}/parts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_parts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_integrations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/available": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_available"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_integration"];
        put?: never;
        post?: never;
        delete: operations["delete_integration"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/{id}/auth": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["start"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/{id}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["come_back"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/{id}/choices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_choices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/{id}/configure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["configure_integration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_sync_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/integrations/{id}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["sync_integration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete: operations["delete_account"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["create_export"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/export/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/logins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_logins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/logins/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["delete_login"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_sessions"];
        put?: never;
        post: operations["create_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_session"];
        put?: never;
        post?: never;
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        patch: operations["update_session"];
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_tokens"];
        put?: never;
        post: operations["create_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["revoke_token"];
        options?: never;
        head?: never;
        patch: operations["rename_token"];
        trace?: never;
    };
    "/auth/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_signin_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/signout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["sign_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/signout-everywhere": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["sign_out_everywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["start_signin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/{provider}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["finish_signin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** There is nothing to follow: without a session the server never speaks first. */
        get: operations["follow"];
        put?: never;
        /** One message of the Model Context Protocol. */
        post: operations["call"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["receive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Whose account at the service it is. */
        Account: {
            /** @description The service's own stable id, never a name that can be changed. */
            id: string;
            /** @description For people: a login or an e-mail address. */
            name: string;
        };
        /** @description A deletion that has begun; it comes to its end by itself. */
        AccountDeletion: {
            /** Format: date-time */
            requested_at: string;
            /** @description `deleting`. */
            status: string;
        };
        /** @description `GET /api/admin/audit`: what all users did, or one of them. */
        AdminAuditPage: {
            /** @description Give it as `cursor` for the next page; null on the last. */
            next_cursor?: string | null;
            /** @description Newest first; numbers and hashes are of each user's own chain. */
            records: components["schemas"]["AuditRecord"][];
        };
        /** @description `POST /agent/sessions/{id}/permissions/{permission_id}`. */
        AnswerPermission: components["schemas"]["PermissionReply"];
        /** @description `POST /agent/sessions/{id}/questions/{question_id}`. */
        AnswerQuestion: {
            /** @description The chosen labels for each question; absent to dismiss. */
            answers?: string[][] | null;
        };
        /** @description Asked of the runner; its word comes as an event. */
        Asked: {
            /** @description `asked`, or `done` when it took effect at once. */
            status: string;
        };
        /** @description A file as it was when it was attached. */
        Attachment: {
            content_type: string;
            file_id: components["schemas"]["FileId"];
            name: string;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
        };
        AuditPage: {
            /** @description The chain's end. Whoever keeps it elsewhere notices if it is cut off. */
            head: components["schemas"]["ChainHead"];
            /** @description Give it as `cursor` for the next page; null on the last. */
            next_cursor?: string | null;
            /** @description Newest first. */
            records: components["schemas"]["AuditRecord"][];
        };
        /** @description A deed in its place. */
        AuditRecord: components["schemas"]["Deed"] & {
            /** @description SHA-256 of the record's JSON without this field, in hex. */
            hash: string;
            /** @description The hash of the record before; zeros for the first. */
            previous: string;
            /**
             * Format: int64
             * @description From 1, without a gap.
             */
            seq: number;
        };
        /** @description `POST /api/integrations/callback`: what the service gave the browser on its way back. */
        AuthorizationCallback: {
            code: string;
            state: string;
        };
        /** @description Where the browser has to go. */
        AuthorizationStart: {
            /** Format: date-time */
            expires_at: string;
            url: string;
        };
        /** @description A service that can be connected. */
        AvailableIntegration: {
            /** @description JSON Schema of `config`. */
            config_schema: unknown;
            /** @description Whether the operator of this deployment has set it up. */
            configured: boolean;
            description: string;
            /** @description Kinds of its entities. */
            kinds: components["schemas"]["Kind"][];
            name: string;
            /** @description What the account's owner is asked for. */
            scopes: string[];
            service: components["schemas"]["Service"];
        };
        AvailableIntegrations: {
            integrations: components["schemas"]["AvailableIntegration"][];
            /** @description Always null: there are few. */
            next_cursor?: string | null;
        };
        /** @description `POST /api/files` as JSON: begins an upload in parts. */
        BeginUpload: {
            /** @description Of the whole, as S3 computes it over parts: `crc64nvme:<16 hex digits>`. */
            checksum: string;
            /** @description Such as `image/png`; `application/octet-stream` when absent. */
            content_type?: string | null;
            /** @description In any language, with folders, such as `reports/Übersicht.pdf`. */
            name: string;
            /**
             * Format: int64
             * @description Bytes, 5 GiB at most.
             */
            size: number;
        };
        /** @description The end of a chain, or of the part of it that was read. */
        ChainHead: {
            hash: string;
            /** Format: int64 */
            seq: number;
        };
        /** @description One thing that has to work. */
        Check: {
            /** @description `table`, `bucket`, `bus`, `sweeper` or `sync_schedule`. */
            name: string;
            ok: boolean;
            /** @description What is wrong and what to do. */
            problem?: string | null;
            /** Format: int64 */
            took_ms: number;
        };
        /** @description Something that a configuration can name. */
        ChoiceView: {
            id: string;
            name: string;
        };
        /** @description `GET /api/integrations/{id}/choices`: by the name of the configuration's field. */
        ChoicesView: {
            choices: {
                [key: string]: components["schemas"]["ChoiceView"][];
            };
        };
        /** @description `POST /api/integrations/{service}/configure`. */
        ConfigureIntegration: {
            actions?: components["schemas"]["Policy"] | null;
            /** @description What to synchronise; `config_schema` of the service describes it. Stays as it is when absent. */
            config?: {
                [key: string]: unknown;
            } | null;
            integration_id?: components["schemas"]["IntegrationId"] | null;
        };
        /**
         * @description Whether the service lets us in.
         * @enum {string}
         */
        Connection: "not_connected" | "connected" | "needs_reauth" | "disconnecting";
        /** @description `POST /api/sessions`. */
        CreateSession: {
            /** @description The caller's own notes, 4 KB of JSON at most. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description `provider/model`, such as `anthropic/claude-sonnet-4-5`; the deployment's default when absent. */
            model?: string | null;
            /** @description `ask`, `allow` or `deny` by tool, such as `{"bash": "ask"}`; `*` for all others. */
            permissions?: {
                [key: string]: components["schemas"]["Policy"];
            };
            /** @description `owner/name` at GitHub, cloned into the workspace; pulled and pushed with the access of the connected account. */
            repository?: string | null;
            /** @description Shown in lists; the first prompt gives one when absent. */
            title?: string | null;
            /** @description A folder under `/workspace`; `/workspace` itself when absent. */
            workspace?: string | null;
        };
        /** @description `POST /api/tokens`. */
        CreateToken: {
            /**
             * Format: date-time
             * @description It never ends when absent.
             */
            expires_at?: string | null;
            name: string;
            /** @description None that the caller does not have. */
            scopes: components["schemas"]["Scope"][];
        };
        /** @description A new token, and for this once its text. */
        CreatedToken: components["schemas"]["TokenView"] & {
            token: string;
        };
        /** @description One thing that was done, or tried. */
        Deed: {
            /** @description Method and route, such as `DELETE /api/sessions/{id}`. */
            action: string;
            /** Format: date-time */
            at: string;
            /** @description The token or the browser's sign-in that did it; null for the service itself. */
            by?: string | null;
            /** @description The address that the request came from. */
            ip?: string | null;
            /** @description `ok`, or the code of the error that refused it. */
            result: string;
            /** @description What it was done to: an id or a path. */
            target: string;
            user_agent?: string | null;
            user_id: components["schemas"]["UserId"];
        };
        /** @description `DELETE /api/me`. */
        DeleteAccount: {
            /** @description The account's e-mail address, as a sign that it is meant. */
            confirm: string;
        };
        /** @description `GET /api/admin/health`. */
        DeploymentHealth: {
            checks: components["schemas"]["Check"][];
            /** @description The last 48 hours, oldest first, quiet ones included. */
            hours: components["schemas"]["Hour"][];
            runners: components["schemas"]["RunnersNow"];
            /** @description `ok` if every check is, otherwise `degraded`. */
            status: string;
            syncs: components["schemas"]["SyncsNow"];
        };
        /** @description `PATCH /agent/sessions/{id}/messages/{message_id}`. */
        EditMessage: {
            /** @description The prompt's new words, 64 KB at most. */
            content: string;
        };
        /** @description `GET /api/entities/{id}`. */
        EntityDetail: components["schemas"]["EntityView"] & {
            /** @description As the service sent it. */
            raw: unknown;
        };
        EntityId: string;
        EntityPage: {
            /** @description Newest first: events by their start, all else by its last change. */
            entities: components["schemas"]["EntityView"][];
            /** @description Give it as `cursor` for the next page; null on the last. A page may be short, even empty. */
            next_cursor?: string | null;
        };
        /** @description What a service holds, in one form for all services. */
        EntityView: {
            author?: components["schemas"]["Person"] | null;
            /** @description Plain text, cut at 16 KB. */
            body: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            ends_at?: string | null;
            /** @description The service's own id. */
            external_id: string;
            id: components["schemas"]["EntityId"];
            integration_id: components["schemas"]["IntegrationId"];
            kind: components["schemas"]["Kind"];
            labels: string[];
            people: components["schemas"]["Person"][];
            provider: components["schemas"]["Service"];
            /** Format: date-time */
            starts_at?: string | null;
            /** @description In the service's own words. */
            state?: string | null;
            title: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Where a person looks at it. */
            url?: string | null;
        };
        /** @description An event before it has its place in the log. */
        Entry: components["schemas"]["EventBody"] & {
            /**
             * Format: int64
             * @description The turn that it belongs to, if any.
             */
            turn?: number | null;
        };
        /** @enum {string} */
        EntryKind: "file" | "folder" | "link";
        ErrorBody: {
            error: components["schemas"]["ErrorDetail"];
        };
        ErrorDetail: {
            /** @description Stable; the README lists them all. */
            code: string;
            /** @description With `rate_limited`: which limit was reached. */
            limit?: string | null;
            /** @description What is wrong and what to do. */
            message: string;
            /** @description Names the request in our logs. */
            request_id: string;
        };
        /** @description One entry of a session's event log. */
        Event: components["schemas"]["Entry"] & {
            /**
             * Format: date-time
             * @description When it was written to the log.
             */
            at: string;
            /**
             * Format: int64
             * @description Its place in the log: from 1, without gap or repeat.
             */
            seq: number;
        };
        /**
         * @description What happened. Joining the deltas of a part gives exactly its stored text,
         *     unless the part was discarded.
         */
        EventBody: {
            message: components["schemas"]["Message"];
            /** @enum {string} */
            type: "message.created";
        } | {
            message: components["schemas"]["Message"];
            /** @enum {string} */
            type: "message.updated";
        } | {
            delta: string;
            message_id: components["schemas"]["MessageId"];
            part_id: string;
            /** @enum {string} */
            type: "text.delta";
        } | {
            delta: string;
            message_id: components["schemas"]["MessageId"];
            part_id: string;
            /** @enum {string} */
            type: "reasoning.delta";
        } | {
            message_id: components["schemas"]["MessageId"];
            part: components["schemas"]["Part"];
            /** @enum {string} */
            type: "part.updated";
        } | {
            message_id: components["schemas"]["MessageId"];
            part_id: string;
            /** @enum {string} */
            type: "part.discarded";
        } | {
            message: components["schemas"]["Message"];
            /** @enum {string} */
            type: "message.completed";
        } | {
            permission: components["schemas"]["Permission"];
            /** @enum {string} */
            type: "permission.asked";
        } | {
            permission_id: string;
            reply: components["schemas"]["PermissionReply"];
            /** @enum {string} */
            type: "permission.answered";
        } | {
            permission_id: string;
            reason: string;
            /** @enum {string} */
            type: "permission.expired";
        } | {
            question: components["schemas"]["Question"];
            /** @enum {string} */
            type: "question.asked";
        } | {
            answers?: string[][] | null;
            question_id: string;
            /** @enum {string} */
            type: "question.answered";
        } | {
            question_id: string;
            reason: string;
            /** @enum {string} */
            type: "question.expired";
        } | {
            todos: components["schemas"]["Todo"][];
            /** @enum {string} */
            type: "todo.updated";
        } | {
            answer_id: components["schemas"]["MessageId"];
            message_id: components["schemas"]["MessageId"];
            /** @enum {string} */
            type: "turn.started";
        } | {
            /** Format: int32 */
            attempt: number;
            message: string;
            /** Format: date-time */
            retry_at?: string | null;
            /** @enum {string} */
            type: "turn.retrying";
        } | {
            message_id: components["schemas"]["MessageId"];
            /** @enum {string} */
            type: "turn.completed";
            usage: components["schemas"]["Usage"];
        } | {
            error: components["schemas"]["TurnError"];
            message_id: components["schemas"]["MessageId"];
            /** @enum {string} */
            type: "turn.failed";
        } | {
            message_id: components["schemas"]["MessageId"];
            /** @enum {string} */
            type: "turn.aborted";
        } | {
            message_ids: components["schemas"]["MessageId"][];
            /** @enum {string} */
            type: "queue.updated";
        } | {
            status: string;
            title: string;
            /** @enum {string} */
            type: "session.updated";
        } | {
            state: components["schemas"]["RunnerState"];
            /** @enum {string} */
            type: "runner.updated";
        } | {
            code: string;
            message: string;
            /** @enum {string} */
            type: "workspace.warning";
        } | {
            /** @enum {string} */
            type: "workspace.updated";
            /** Format: int64 */
            version: number;
        } | {
            /** @enum {string} */
            type: "viewer.joined";
            /** Format: int32 */
            viewers: number;
        } | {
            /** @enum {string} */
            type: "viewer.left";
            /** Format: int32 */
            viewers: number;
        };
        ExportId: string;
        /**
         * @description How far an export has come, in one word.
         * @enum {string}
         */
        ExportStatus: "pending" | "ready" | "failed";
        /** @description A copy of all that a user has: a tar archive of JSON Lines and of their objects. */
        ExportView: {
            /** Format: int64 */
            bytes?: number | null;
            id: components["schemas"]["ExportId"];
            /** @description Why it failed. */
            reason?: string | null;
            /** Format: date-time */
            requested_at: string;
            status: components["schemas"]["ExportStatus"];
            /** @description Where the archive is, for some minutes; ask again for another address. */
            url?: string | null;
        };
        /** @enum {string} */
        FileChange: "added" | "modified" | "deleted";
        FileDiff: {
            /** @description Lines. */
            additions: number;
            change: components["schemas"]["FileChange"];
            deletions: number;
            /** @description Unified, with three lines around; absent when the content is no text or too large. */
            patch?: string | null;
            /** @description From the session's workspace on. */
            path: string;
        };
        FileId: string;
        FilePage: {
            files: components["schemas"]["FileView"][];
            /**
             * @description Give it as `cursor` for the next page; null on the last. A page by prefix may
             *     be short, or empty, although there are more.
             */
            next_cursor?: string | null;
        };
        FileView: {
            /** @description `sha256:…` of a file that came with its request, `crc64nvme:…` of one that came in parts. */
            checksum: string;
            content_type: string;
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["FileId"];
            name: string;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
            /** @description `pending` until the content is there, then `ready`. */
            status: string;
            upload?: components["schemas"]["UploadView"] | null;
        };
        /** @description What lies in a folder. */
        FolderEntry: {
            executable?: boolean;
            kind: components["schemas"]["EntryKind"];
            /** Format: date-time */
            modified_at: string;
            name: string;
            /** @description From the session's workspace on: the `path` to ask for. */
            path: string;
            /**
             * Format: int64
             * @description Bytes of a file.
             */
            size?: number | null;
            /** @description Where a link leads. */
            target?: string | null;
        };
        /** @description `GET /agent/sessions/{id}/workspace?path=` of a folder, as it was after a turn. */
        FolderPage: {
            entries: components["schemas"]["FolderEntry"][];
            next_cursor?: string | null;
            /**
             * Format: date-time
             * @description When this one was.
             */
            taken_at?: string | null;
            /** @description The workspace holds more than is listed. */
            truncated: boolean;
            /**
             * Format: int64
             * @description Counts the states of the workspace that were kept; 0 before the first.
             */
            version: number;
        };
        /** @description `GET /health`. */
        Health: {
            environment: string;
            /** @description `ok`. */
            status: string;
            version: string;
        };
        /**
         * @description What happened in an hour, of all users. Counted beside the changes themselves: a function
         *     that dies between the two leaves one out.
         */
        Hour: {
            /**
             * Format: date-time
             * @description When it began.
             * @default 1970-01-01T00:00:00Z
             */
            hour: string;
            /**
             * Format: int64
             * @default 0
             */
            runners_lost: number;
            /**
             * Format: int64
             * @default 0
             */
            runners_started: number;
            /**
             * Format: int64
             * @description Runs of one resource, such as a repository or a calendar.
             * @default 0
             */
            syncs_completed: number;
            /**
             * Format: int64
             * @default 0
             */
            syncs_failed: number;
            /**
             * Format: int64
             * @default 0
             */
            turns_aborted: number;
            /**
             * Format: int64
             * @default 0
             */
            turns_completed: number;
            /**
             * Format: int64
             * @default 0
             */
            turns_failed: number;
        };
        /**
         * @description A service that vouches for people.
         * @enum {string}
         */
        IdentityProvider: "github" | "google";
        /** @description Who the user is at a provider. */
        IdentityView: {
            email: string;
            /** Format: date-time */
            linked_at: string;
            provider: components["schemas"]["IdentityProvider"];
        };
        IntegrationId: string;
        IntegrationPage: {
            integrations: components["schemas"]["IntegrationView"][];
            /** @description Give it as `cursor` for the next page; null on the last. */
            next_cursor?: string | null;
        };
        IntegrationView: {
            account?: components["schemas"]["Account"] | null;
            /** @description Whether agents may do something there, beside reading. */
            actions: components["schemas"]["Policy"];
            config: {
                [key: string]: unknown;
            };
            connection: components["schemas"]["Connection"];
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["IntegrationId"];
            /**
             * Format: date-time
             * @description When a resource was last brought up to date.
             */
            last_synced_at?: string | null;
            /** @description What actions need and the account's owner has not granted: connecting again asks for it. */
            missing_scopes: string[];
            problem?: components["schemas"]["ProblemView"] | null;
            resources: components["schemas"]["ResourceView"][];
            /** @description What the account's owner granted. */
            scopes: string[];
            service: components["schemas"]["Service"];
            /** @description `not_connected`, `pending`, `syncing`, `synced`, `error`, `needs_reauth` or `disconnecting`. */
            sync_status: string;
            /** Format: date-time */
            updated_at: string;
            user_id: components["schemas"]["UserId"];
        };
        /** @description A text too large for a message: it is kept whole apart from it. */
        Kept: {
            /**
             * Format: int64
             * @description How much is kept.
             */
            bytes: number;
            /** @description `GET` it, as the session's owner. */
            href: string;
            /** @description Whether there was more than is kept. */
            truncated?: boolean;
        };
        /** @description What a thing is, such as `issue`, `message` or `event`. */
        Kind: string;
        /** @description `GET /api/admin/limits`: the bounds that a deployment may set otherwise. */
        LimitList: {
            limits: components["schemas"]["LimitView"][];
        };
        /** @description One bound. */
        LimitView: {
            /** @description What it bounds. */
            bounds: string;
            /**
             * Format: int32
             * @description The value unless it is set.
             */
            default: number;
            /** @description As a refusal names it. */
            name: string;
            unit: string;
            /** Format: int32 */
            value: number;
            /** @description The functions' variable that sets it, by the template's parameter of about that name. */
            variable: string;
        };
        LoginId: string;
        LoginPage: {
            logins: components["schemas"]["LoginView"][];
            /** @description Always null: the newest hundred are the page. */
            next_cursor?: string | null;
        };
        /** @description A browser that is signed in. */
        LoginView: {
            /** @description Where it was when it signed in. */
            address: string;
            /** Format: date-time */
            created_at: string;
            /** @description Whether it is the one that asks. */
            current: boolean;
            /** Format: date-time */
            expires_at: string;
            id: components["schemas"]["LoginId"];
            provider: components["schemas"]["IdentityProvider"];
            /**
             * Format: date-time
             * @description Exact to some minutes.
             */
            used_at: string;
            /** @description What the browser calls itself. */
            user_agent: string;
        };
        /** @description `GET /api/me`. */
        Me: components["schemas"]["UserView"] & {
            identities: components["schemas"]["IdentityView"][];
            /** @description What this caller may do. */
            scopes: components["schemas"]["Scope"][];
        };
        /** @description One message. A prompt has one answer, into which all steps of the agent are folded. */
        Message: {
            /** @description The files that a prompt brought along. */
            attachments?: components["schemas"]["Attachment"][];
            /** Format: date-time */
            completed_at?: string | null;
            /** @description The text of the text parts, in order. */
            content: string;
            /** Format: date-time */
            created_at: string;
            error?: components["schemas"]["TurnError"] | null;
            id: components["schemas"]["MessageId"];
            parts: components["schemas"]["Part"][];
            role: components["schemas"]["Role"];
            session_id: components["schemas"]["SessionId"];
            status: components["schemas"]["MessageStatus"];
            tool_calls: components["schemas"]["ToolCall"][];
            /**
             * Format: int64
             * @description The turn that the message belongs to; a prompt and its answer share it.
             */
            turn: number;
            usage?: components["schemas"]["Usage"] | null;
        };
        /** @description The prompt was taken. */
        MessageAccepted: {
            /**
             * Format: int64
             * @description Follow `/agent/sessions/{id}/events?after=` this to see the turn.
             */
            after: number;
            /** @description The id that the answer will have. */
            answer_id: components["schemas"]["MessageId"];
            /** @description The prompt as it was stored; `status` says whether its turn began. */
            message: components["schemas"]["Message"];
            /** Format: int64 */
            turn: number;
        };
        MessageId: string;
        MessagePage: {
            /**
             * Format: int64
             * @description Follow the events from behind this to learn what is not in the messages: the
             *     whole of the turn in hand, if one is, and what comes.
             */
            head: number;
            messages: components["schemas"]["Message"][];
            /** @description Give it as `cursor` for the next page; null on the last. */
            next_cursor?: string | null;
        };
        /**
         * @description How far a message has come; both messages of a turn end in the same state.
         * @enum {string}
         */
        MessageStatus: "queued" | "running" | "completed" | "failed" | "cancelled";
        /** @description A piece of a message, in the order in which the agent made it. */
        Part: {
            id: string;
            text: string;
            /** @enum {string} */
            type: "text";
        } | {
            id: string;
            text: string;
            /** @enum {string} */
            type: "reasoning";
        } | (components["schemas"]["ToolPart"] & {
            /** @enum {string} */
            type: "tool";
        });
        PartPage: {
            /** @description Give it as `cursor` for the next page; null on the last. */
            next_cursor?: string | null;
            parts: components["schemas"]["PartView"][];
        };
        /** @description A part of a file and what is known of it. */
        PartView: {
            /**
             * Format: int32
             * @description From 1.
             */
            number: number;
            /**
             * Format: int64
             * @description Where in the file it begins.
             */
            offset: number;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
            /** @description Whether it is there. It may be put again. */
            stored: boolean;
            /** @description Where to put it, by HTTP PUT of exactly these bytes; good for an hour. */
            url: string;
        };
        /** @description A tool call that waits for consent. */
        Permission: {
            /** @description What `always` would allow from now on. */
            always?: string[];
            call_id?: string | null;
            id: string;
            metadata?: unknown;
            /** @description What exactly, such as each command of a shell line. */
            patterns: string[];
            /** @description What is asked for, such as `bash` or `external_directory`. */
            permission: string;
        };
        PermissionReply: {
            /** @enum {string} */
            reply: "once";
        } | {
            /** @enum {string} */
            reply: "always";
        } | {
            message?: string | null;
            /** @enum {string} */
            reply: "reject";
        };
        /** @description Someone who has to do with an entity. */
        Person: {
            /** @description As the service knows them: a login or an e-mail address. */
            id: string;
            name?: string | null;
        };
        /**
         * @description Whether a tool may be used; the greater, the stricter.
         * @enum {string}
         */
        Policy: "allow" | "ask" | "deny";
        /** @description What is wrong, in words, and what to do about it. */
        ProblemView: {
            /** Format: date-time */
            at: string;
            /** @description `retry`, `wait_until`, `reauth`, `resync`, `gone`, `permanent` or `bug`. */
            class: string;
            message: string;
            next_step: string;
            /**
             * Format: date-time
             * @description When it is tried again by itself.
             */
            retry_at?: string | null;
        };
        /** @description Questions of the agent to the user. */
        Question: {
            call_id?: string | null;
            id: string;
            questions: components["schemas"]["QuestionItem"][];
        };
        QuestionItem: {
            header?: string;
            /** @description Whether several options may be chosen. */
            multiple?: boolean;
            options?: components["schemas"]["QuestionOption"][];
            question: string;
        };
        QuestionOption: {
            description?: string;
            label: string;
        };
        /**
         * @description What started a run.
         * @enum {string}
         */
        Reason: "connected" | "manual" | "webhook" | "schedule";
        /** @description `PATCH /api/tokens/{id}`. */
        RenameToken: {
            name: string;
        };
        /** @description `owner/name`, as GitHub spells it. */
        Repository: string;
        /** @description A part of an integration that is synchronised on its own. */
        ResourceView: {
            /** Format: date-time */
            last_synced_at?: string | null;
            name: string;
            problem?: components["schemas"]["ProblemView"] | null;
            run?: components["schemas"]["Run"] | null;
            /** @description `pending`, `syncing`, `waiting` (for the service's quota), `synced` or `error`. */
            status: string;
        };
        /** @enum {string} */
        Role: "user" | "assistant";
        /** @description A row of `SYNC_LOGS`: one run over one resource, however many workers it took. */
        Run: {
            /** Format: date-time */
            completed_at?: string | null;
            error_message?: string | null;
            /** @description From scratch. */
            full: boolean;
            id: components["schemas"]["SyncLogId"];
            integration_id: components["schemas"]["IntegrationId"];
            /** Format: int64 */
            pages: number;
            reason: components["schemas"]["Reason"];
            /** Format: int64 */
            records_deleted: number;
            /**
             * Format: int64
             * @description Entities written.
             */
            records_synced: number;
            /** @description Of the resource, for people. */
            resource: string;
            /** Format: date-time */
            started_at: string;
            status: components["schemas"]["RunStatus"];
            /**
             * Format: int64
             * @description What the provider counts, spent.
             */
            units: number;
        };
        /** @enum {string} */
        RunStatus: "running" | "completed" | "failed";
        /** @enum {string} */
        RunnerState: "starting" | "connected" | "lost" | "stopped";
        /** @description Sandboxes, of all users. */
        RunnersNow: {
            /** @description Waiting for a message. */
            idle: number;
            /** @description Sessions that have, or lately had, a sandbox. The others are of the first 200 of them. */
            live: number;
            /** @description Asked for, and not here yet. */
            starting: number;
            /** @description With a turn in hand. */
            working: number;
        };
        /**
         * @description One thing that a caller may do.
         * @enum {string}
         */
        Scope: "sessions:read" | "sessions:write" | "files:read" | "files:write" | "integrations:read" | "integrations:write" | "mcp" | "admin";
        /** @description `POST /agent/sessions/{id}/messages`. */
        SendMessage: {
            /**
             * @description Ids of the caller's files, 10 and 1 GiB together at most: the agent finds copies
             *     of them in `attachments/` of its workspace.
             */
            attachments?: components["schemas"]["FileId"][];
            /** @description Idempotency key: a repeat with the same body gets the first answer. */
            client_id?: string | null;
            /** @description The prompt, 64 KB at most. */
            content: string;
        };
        /** @description A third-party service, such as `github`. */
        Service: string;
        SessionId: string;
        SessionPage: {
            /** @description Give it as `cursor` for the next page; null on the last. */
            next_cursor?: string | null;
            sessions: components["schemas"]["SessionView"][];
        };
        SessionView: {
            /** Format: date-time */
            created_at: string;
            id: components["schemas"]["SessionId"];
            /** Format: date-time */
            last_active_at: string;
            metadata: {
                [key: string]: unknown;
            };
            model?: string | null;
            permissions: {
                [key: string]: components["schemas"]["Policy"];
            };
            /** @description Messages that wait behind the turn in hand, in order. */
            queue: components["schemas"]["MessageId"][];
            repository?: components["schemas"]["Repository"] | null;
            /** @description `idle`, `starting`, `running`, `stopping` or `terminated`. */
            status: string;
            title: string;
            usage: components["schemas"]["Usage"];
            user_id: components["schemas"]["UserId"];
            workspace: components["schemas"]["Workspace"];
        };
        /** @description `GET /auth/providers`. */
        SigninProviders: {
            /** @description Those that the deployment has a client at. */
            providers: components["schemas"]["IdentityProvider"][];
        };
        /** @description `GET` and `PUT /api/admin/signup`: who may make an account. */
        Signup: {
            /** @description and those at these domains. */
            domains?: string[];
            /** @description Otherwise these addresses may, */
            emails?: string[];
            /** @description Whether everybody may. */
            open: boolean;
        };
        SyncLogId: string;
        /** @description `GET /api/integrations/{id}/logs`. */
        SyncLogPage: {
            logs: components["schemas"]["Run"][];
            next_cursor?: string | null;
        };
        /** @description Integrations, of all users. */
        SyncsNow: {
            /** @description Those that are synchronised by the schedule. */
            integrations: number;
            /** @description Those that have been due for too long. */
            late: number;
            /** @description Those that are due. */
            waiting: number;
        };
        /** @description A single-use ticket for `wss://…/agent/sessions/{id}/ws?ticket=…`. */
        Ticket: {
            /** Format: date-time */
            expires_at: string;
            ticket: string;
        };
        Todo: {
            content: string;
            priority?: string;
            /** @description `pending`, `in_progress`, `completed` or `cancelled`. */
            status: string;
        };
        TokenId: string;
        TokenPage: {
            /** @description Always null: a user has at most a hundred. */
            next_cursor?: string | null;
            tokens: components["schemas"]["TokenView"][];
        };
        TokenView: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at?: string | null;
            /** @description The token's last characters. */
            hint: string;
            id: components["schemas"]["TokenId"];
            name: string;
            scopes: components["schemas"]["Scope"][];
            /**
             * Format: date-time
             * @description Exact to some minutes.
             */
            used_at?: string | null;
        };
        /** @description The short form of a tool call, for those who do not read parts. */
        ToolCall: {
            full_output?: components["schemas"]["Kept"] | null;
            id: string;
            input: unknown;
            name: string;
            output?: string | null;
            status: components["schemas"]["ToolStatus"];
        };
        /** @description A tool call with what is known of it so far. */
        ToolPart: {
            /** @description The model's id of the call. */
            call_id: string;
            /** Format: date-time */
            ended_at?: string | null;
            full_input?: components["schemas"]["Kept"] | null;
            full_output?: components["schemas"]["Kept"] | null;
            id: string;
            input: unknown;
            /** @description The tool's name, such as `bash`. */
            name: string;
            /** @description What the tool printed or returned; while it runs, what it printed so far (its tail). */
            output?: string | null;
            /** Format: date-time */
            started_at?: string | null;
            status: components["schemas"]["ToolStatus"];
            /** @description A line for people, such as the command's purpose. */
            title?: string | null;
            /** @description Whether `output` was cut to its bound. */
            truncated?: boolean;
        };
        /** @enum {string} */
        ToolStatus: "pending" | "running" | "completed" | "error";
        /** @description `GET /agent/sessions/{id}/turns/{turn}/diff`: what a turn changed in the workspace. */
        TurnDiff: {
            /** @description By path. */
            files: components["schemas"]["FileDiff"][];
            /** @description More files changed than are named. */
            truncated: boolean;
            /** Format: int64 */
            turn: number;
        };
        /** @description Why a turn failed, in words for the user, with a stable code. */
        TurnError: {
            /** @description Such as `model_unauthorized`, `runner_lost`, `start_failed`. */
            code: string;
            /** @description What happened and what to do next. */
            message: string;
        };
        /** @description `PATCH /api/sessions/{id}`: what is absent stays. */
        UpdateSession: {
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** @description Holds from the next sandbox on. */
            permissions?: {
                [key: string]: components["schemas"]["Policy"];
            } | null;
            title?: string | null;
        };
        /** @description A small file as a form. */
        UploadForm: {
            /** @description `sha256:<64 hex digits>`, to be checked. */
            checksum?: string | null;
            /**
             * Format: binary
             * @description The file with its name and type.
             */
            file: string;
            /** @description Instead of the name that comes with the file. */
            name?: string | null;
        };
        UploadView: {
            /**
             * Format: date-time
             * @description When the upload counts as abandoned and goes.
             */
            expires_at?: string | null;
            /** Format: int32 */
            part_count: number;
            /**
             * Format: int64
             * @description Bytes of each part but the last.
             */
            part_size: number;
        };
        /** @description Tokens as the provider counted them, and their price. */
        Usage: {
            /** Format: int64 */
            cache_read_tokens?: number;
            /** Format: int64 */
            cache_write_tokens?: number;
            /**
             * Format: double
             * @description US dollars.
             */
            cost_usd?: number;
            /** Format: int64 */
            input_tokens: number;
            /** Format: int64 */
            output_tokens: number;
            /** Format: int64 */
            reasoning_tokens?: number;
        };
        /** @description One day in UTC. */
        UsageDay: components["schemas"]["Usage"] & {
            /** @description Such as `2026-11-23`. */
            day: string;
            /**
             * Format: int64
             * @description Turns that ended, however they did.
             */
            turns: number;
        };
        UsagePage: {
            /** @description Days on which something was used, newest first. */
            days: components["schemas"]["UsageDay"][];
            next_cursor?: string | null;
        };
        UserId: string;
        /** @description A page of `GET /api/admin/users`. */
        UserPage: {
            /** @description Give it as `cursor` for the next page; null on the last. */
            next_cursor?: string | null;
            users: components["schemas"]["UserView"][];
        };
        UserView: {
            /** @description Whether this person administers the deployment. */
            admin: boolean;
            avatar_url?: string | null;
            /** Format: date-time */
            created_at: string;
            email: string;
            id: components["schemas"]["UserId"];
            name: string;
        };
        /** @description A folder under `/workspace`, such as `/workspace/my-project`. */
        Workspace: string;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    abort_turn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The end comes as turn.aborted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asked"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    follow_events: {
        parameters: {
            query?: {
                /** @description Events behind this number; `Last-Event-ID` goes before it. */
                after?: number;
            };
            header?: {
                /** @description Sent by browsers that reconnect */
                "Last-Event-ID"?: number | null;
            };
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events as they were and as they come, until the session is terminated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_event: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
                seq: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whole, however large */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_messages: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description `asc` (oldest first, when absent) or `desc`. */
                order?: "asc" | "desc";
            };
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    send_message: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same as client_id, which goes before it */
                "Idempotency-Key"?: string | null;
            };
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendMessage"];
            };
        };
        responses: {
            /** @description With Accept: text/event-stream: the turn's events until it ends */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Stored; its turn has begun or it waits */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageAccepted"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    cancel_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
                message_id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not wait */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    edit_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
                message_id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditMessage"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not wait */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_output: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What `full_output` or `full_input` of a tool call points to */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    answer_permission: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
                permission_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerPermission"];
            };
        };
        responses: {
            /** @description The effect comes as permission.answered */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asked"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    answer_question: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
                question_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerQuestion"];
            };
        };
        responses: {
            /** @description The effect comes as question.answered */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asked"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_ticket: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For wss://…/agent/sessions/{id}/ws?ticket=… */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ticket"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_turn_diff: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
                turn: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TurnDiff"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The turn changed nothing, or is not over */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    look_into_workspace: {
        parameters: {
            query?: {
                /** @description From the session's workspace on, such as `src/main.rs`; absent: the workspace itself. */
                path?: string;
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A folder's entries by name, as they were kept after the last turn; of a file its content, to be saved (`application/octet-stream`) */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FolderPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A file that is got with the whole archive alone */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    download_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where the archive is to be got, for an hour: `workspace/`, and the agent's memory in `data/` (`tar --zstd -xf`) */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_all_audit: {
        parameters: {
            query?: {
                /** @description Of this user alone. */
                user_id?: components["schemas"]["UserId"];
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Everybody's records, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminAuditPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    export_user_audit: {
        parameters: {
            query: {
                /** @description Whose chain: each is verified by itself. */
                user_id: components["schemas"]["UserId"];
                /** @description Records behind this number; from the first when absent. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One user's, oldest first, a record per line; nothing when there is nothing behind `after` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    deployment_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `status` says whether all is well */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentHealth"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_limits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitList"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_signup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Signup"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    set_signup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Signup"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Signup"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    export_audit: {
        parameters: {
            query?: {
                /** @description Records behind this number; from the first when absent. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first, a record per line; nothing when there is nothing behind `after` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_entities: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                kind?: string;
                provider?: string;
                /** @description In the service's own words, such as `open`. */
                state?: string;
                /** @description Events that start, or all else that changed, at this time or later. */
                from?: string;
                /** @description … before this time. */
                to?: string;
                /** @description Words that all have to be there, each as the beginning of one. */
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntityPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_entity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntityDetail"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_files: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description What the name begins with, such as a folder. */
                prefix?: string;
                /** @description `ready` (when absent), or `pending` for uploads to resume. */
                status?: "ready" | "pending";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilePage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    upload_file: {
        parameters: {
            query?: {
                /** @description Of a file that comes as `application/octet-stream`. */
                name?: string;
                /** @description What that file is; `application/octet-stream` when absent. */
                content_type?: string;
                /** @description `sha256:<64 hex digits>` of a file that comes with the request, to be checked. */
                checksum?: string;
            };
            header?: {
                /** @description A repeat gets the first answer */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        /** @description A file of up to 4 MiB as a form or as it is; or what is to come in parts */
        requestBody: {
            content: {
                "application/json": components["schemas"]["BeginUpload"];
                "application/octet-stream": string;
                "multipart/form-data": components["schemas"]["UploadForm"];
            };
        };
        responses: {
            /** @description `ready`; or `pending`, when its parts are to come */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileView"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    download_file: {
        parameters: {
            query?: never;
            header?: {
                /** @description Such as `bytes=0-99` */
                Range?: string | null;
            };
            path: {
                id: components["schemas"]["FileId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The content, to be saved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A range of it */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Where a file of more than 10 MiB is to be got, for an hour */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Its content is not there yet */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["FileId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone; an upload on its way is given up */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    complete_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["FileId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ready`; the same answer when repeated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Parts are missing */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The parts make another content; put the right ones and repeat */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["FileId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_parts: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: components["schemas"]["FileId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description In order, with what is there and where each is to be put */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PartPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The file does not come in parts, or is ready */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_integrations: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_available: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvailableIntegrations"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    complete: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AuthorizationCallback"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationView"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_integration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["IntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_integration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["IntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone when it is no longer found */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    start: {
        parameters: {
            query?: {
                /** @description Connects the account of this integration again. */
                integration_id?: components["schemas"]["IntegrationId"];
                /** @description Path on this origin where the browser goes in the end; `/integrations` when absent. */
                return_to?: string;
            };
            header?: never;
            path: {
                /** @description The service */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where the browser has to go */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuthorizationStart"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    come_back: {
        parameters: {
            query?: {
                state?: string;
                code?: string;
                error?: string;
            };
            header?: never;
            path: {
                /** @description The service */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Back to the client, with `connected` or `error` in the query */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_choices: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["IntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the account offers to synchronise */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChoicesView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    configure_integration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The service */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigureIntegration"];
            };
        };
        responses: {
            /** @description Changed; the same answer when repeated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationView"];
                };
            };
            /** @description Waits for an account */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationView"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_sync_logs: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: components["schemas"]["IntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncLogPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    sync_integration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["IntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It begins in a moment */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeleteAccount"];
            };
        };
        responses: {
            /** @description Everything goes, and nothing brings it back */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountDeletion"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_export: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Asked for; while one is being made, that one */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_export: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["ExportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_logins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginPage"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_login: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["LoginId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out there */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_usage: {
        parameters: {
            query?: {
                /** @description Days up to today: 1 to 400, 30 when absent. */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsagePage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: {
                /** @description Entries of a page: 1 to 100, 50 when absent. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_session: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat gets the first answer */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSession"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Terminated; the same answer when repeated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    update_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateSession"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenPage"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_token: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat makes no second token */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateToken"];
            };
        };
        responses: {
            /** @description The only answer that shows the token */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedToken"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Good for nothing from now on */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    rename_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameToken"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenView"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_signin_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigninProviders"];
                };
            };
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This browser is signed out, also if it was before */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    sign_out_everywhere: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every browser of the user is signed out; API tokens stay */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    start_signin: {
        parameters: {
            query?: {
                /** @description Page of this origin to go to afterwards; `/` when absent. */
                return_to?: string;
            };
            header?: never;
            path: {
                provider: components["schemas"]["IdentityProvider"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider, or to /signin?error=<code> */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    finish_signin: {
        parameters: {
            query?: {
                state?: string;
                code?: string;
                error?: string;
            };
            header?: never;
            path: {
                provider: components["schemas"]["IdentityProvider"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed in, to the page that was asked for; else to /signin?error=<code> */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    follow: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Always: the server never speaks first */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    call: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A JSON-RPC message of the Model Context Protocol (streamable HTTP, no sessions) */
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The JSON-RPC answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description A notification was taken */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    receive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                service: string;
            };
            cookie?: never;
        };
        /** @description As the service sends it */
        requestBody: {
            content: {
                "*/*": number[];
            };
        };
        responses: {
            /** @description Taken */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
}
