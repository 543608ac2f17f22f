// What the heads of both pages have: the mark, and the choice of colours.
import { theme, type Theme } from './theme';

export function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2563eb" />
      <path d="M8 10h9M8 16h6M8 22h9" stroke="#fff" stroke-width="2.5" stroke-linecap="round" />
      <path d="m18 17 3.5 3.5L26 13" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

const next_theme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const theme_names: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };

export function ThemeButton() {
  const said = `Colours: ${theme_names[theme.value]}`;
  return (
    <button type="button" class="button quiet small theme" aria-label={said} title={said} onClick={() => (theme.value = next_theme[theme.value])}>
      <svg width="18" height="18" viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round">
        {theme.value === 'dark' && <path d="M16.5 12.3A7 7 0 0 1 7.7 3.5a7 7 0 1 0 8.8 8.8Z" stroke-linejoin="round" />}
        {theme.value === 'light' && <><circle cx="10" cy="10" r="3.6" /><path d="M10 2v1.6M10 16.4V18M2 10h1.6M16.4 10H18M4.3 4.3l1.2 1.2M14.5 14.5l1.2 1.2M4.3 15.7l1.2-1.2M14.5 5.5l1.2-1.2" /></>}
        {theme.value === 'system' && <><circle cx="10" cy="10" r="7" /><path d="M10 3a7 7 0 0 1 0 14Z" fill="currentColor" stroke="none" /></>}
      </svg>
    </button>
  );
}
