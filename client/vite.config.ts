import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the API. */
const ORIGIN = process.env.AGENT_OPS_ORIGIN ?? "http://localhost:8787";

/**
 * What the page may do, in the page itself, so that it holds wherever it is served from.
 * Radix puts a style element in when it locks scrolling; scripts get no such leave.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join("; ");

const contentSecurityPolicy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: POLICY }, injectTo: "head-prepend" },
  ],
};

export default defineConfig({
  plugins: [react(), tailwindcss(), contentSecurityPolicy],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: { manifest: true, target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/agent", "/auth", "/health"].map((path) => [path, { target: ORIGIN, ws: true, changeOrigin: true }]),
    ),
  },
  test: { environment: "jsdom", setupFiles: ["./src/test-setup.ts"] },
});
