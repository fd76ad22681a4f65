import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the API. */
const ORIGIN = process.env.AGENT_OPS_ORIGIN ?? "http://localhost:8787";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: { manifest: true, target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/agent", "/auth", "/health"].map((path) => [path, { target: ORIGIN, ws: true, changeOrigin: true }]),
    ),
  },
  test: { environment: "jsdom", setupFiles: ["./src/test-setup.ts"] },
});
