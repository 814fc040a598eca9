// SPDX-License-Identifier: Apache-2.0
// Canvas cannot read CSS variables: resolves the tokens to colours, anew when the theme changes.
import { useSyncExternalStore } from "react";

export type Token = "series-1" | "series-2" | "series-3" | "series-4" | "series-5" | "series-6";

function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", onChange);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", onChange);
  };
}

/** "light" or "dark", as the page is drawn now. */
export function usePaintedTheme(): string {
  return useSyncExternalStore(
    watchTheme,
    () =>
      document.documentElement.dataset["theme"] ??
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
  );
}

export function resolveToken(within: HTMLElement, token: string, alpha = 1): string {
  const probe = document.createElement("span");
  probe.style.color =
    alpha === 1
      ? `var(--${token})`
      : `color-mix(in srgb, var(--${token}) ${alpha * 100}%, transparent)`;
  within.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}
