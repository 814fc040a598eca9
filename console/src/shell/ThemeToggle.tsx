// SPDX-License-Identifier: Apache-2.0
import { Monitor, Moon, Sun } from "lucide-react";
import { Button } from "@/ui/Button";
import { setTheme, useTheme, type ThemeChoice } from "./theme";

const NEXT: { [choice in ThemeChoice]: ThemeChoice } = {
  system: "light",
  light: "dark",
  dark: "system",
};
const ICONS = { system: Monitor, light: Sun, dark: Moon };

export function cycleTheme(choice: ThemeChoice): void {
  setTheme(NEXT[choice]);
}

export function ThemeToggle() {
  const choice = useTheme();
  const Icon = ICONS[choice];
  const label = `Theme: ${choice}. Change to ${NEXT[choice]}`;
  return (
    <Button
      look="ghost"
      aria-label={label}
      title={label}
      icon={<Icon size={16} aria-hidden />}
      onClick={() => cycleTheme(choice)}
    />
  );
}
