// Titles in boxes: SVG neither wraps nor cuts text, so it is measured and cut here.
import { visible } from '../../ui/text';

const ellipsis = '…';
const known = new Map<string, readonly string[]>();
/** Enough for all titles of the largest plan at two widths. */
const most_known = 20_000;

/** `measure` gives the width of a text. At most `most` lines, the last one cut. */
export function lines_of(text: string, width: number, most: number, measure: (text: string) => number): string[] {
  const words = text.split(/\s+/).filter(Boolean);
  const lines: string[] = [];
  let line = '';
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const longer = line ? line + ' ' + word : word;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (lines.length === most - 1 || !line) {
      // The last line takes what fits of all that is left.
      const rest = [line, ...words.slice(at)].filter(Boolean).join(' ');
      const cut = cut_to(rest, width, measure);
      lines.push(cut);
      if (lines.length === most || cut === rest) return lines;
      // A word longer than the line, with lines left: the rest of it goes on below.
      words.splice(at, words.length - at, ...rest.slice(cut.length - ellipsis.length).split(/\s+/).filter(Boolean));
      lines[lines.length - 1] = cut.slice(0, -ellipsis.length);
      at--;
      line = '';
      continue;
    }
    lines.push(line);
    line = word;
    if (measure(word) > width) {
      at--;
      line = '';
    }
  }
  if (line) lines.push(line);
  return lines;
}

function cut_to(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  const characters = [...text];
  let [low, high] = [1, characters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(characters.slice(0, middle).join('') + ellipsis) <= width) low = middle;
    else high = middle - 1;
  }
  return characters.slice(0, low).join('').trimEnd() + ellipsis;
}

let context: CanvasRenderingContext2D | null | undefined;

/** A title in the page's font of that size, in pixels. */
export function title_lines(text: string, width: number, most: number, size: number, weight = 500): readonly string[] {
  const key = `${size} ${weight} ${most} ${width} ${text}`;
  const found = known.get(key);
  if (found) return found;
  context ??= document.createElement('canvas').getContext('2d');
  if (context) context.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  const lines = lines_of(visible(text), width, most, (part) => context?.measureText(part).width ?? part.length * size * 0.55);
  if (known.size >= most_known) known.clear();
  known.set(key, lines);
  return lines;
}
