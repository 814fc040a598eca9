// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { LiveProvider, liveUrl } from "./live/context";
import { LiveSocket, type Socket } from "./live/socket";
import { OverviewHistory } from "./live/overview_history";
import { createAppRouter } from "./routes";
import { applyStoredTheme } from "./shell/theme";
import "./styles/app.css";

applyStoredTheme();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always",
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 1 && error instanceof ApiError && error.unreachable,
      retryDelay: 400,
    },
    mutations: { networkMode: "always" },
  },
});
const socket = new LiveSocket({
  open: () => new WebSocket(liveUrl(window.location)) as unknown as Socket,
});
const router = createAppRouter();

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <LiveProvider socket={socket}>
        <OverviewHistory>
          <RouterProvider router={router} />
        </OverviewHistory>
      </LiveProvider>
    </QueryClientProvider>
  </StrictMode>,
);
