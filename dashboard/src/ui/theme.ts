// Light, dark, or as the system has it. Kept in this browser.
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const kept_at = 'planexe-ax.theme';

export const theme = signal<Theme>('system');

export function startTheme(): void {
  try {
    const kept = localStorage.getItem(kept_at);
    if (kept === 'light' || kept === 'dark') theme.value = kept;
  } catch {
    // Without storage the page follows the system.
  }
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme.value;
    try {
      localStorage.setItem(kept_at, theme.value);
    } catch {
      // As above.
    }
  });
}
