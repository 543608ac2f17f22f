// The little Markdown of the document's descriptions: paragraphs, tables, **strong** and `code`. Never markup of its own.
import type { ComponentChildren } from 'preact';

function Inline({ text }: { text: string }) {
  const parts: ComponentChildren[] = text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith('`')) return <code>{part.slice(1, -1)}</code>;
    if (part.startsWith('**')) return <strong>{part.slice(2, -2)}</strong>;
    return part;
  });
  return <>{parts}</>;
}

function Table({ lines }: { lines: string[] }) {
  const cells = (line: string) => line.split('|').slice(1, -1).map((cell) => cell.trim());
  const [head = '', , ...rows] = lines;
  return (
    <div class="docs-scroll" tabIndex={0} role="region" aria-label="Table">
      <table class="docs-table">
        <thead><tr>{cells(head).map((cell) => <th key={cell} scope="col"><Inline text={cell} /></th>)}</tr></thead>
        <tbody>{rows.map((row) => <tr key={row}>{cells(row).map((cell) => <td key={cell}><Inline text={cell} /></td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

export function Prose({ text }: { text: string }) {
  if (!text) return null;
  return (
    <div class="docs-prose">
      {text.trim().split(/\n\n+/).map((paragraph) =>
        paragraph.startsWith('|') ? <Table key={paragraph} lines={paragraph.split('\n')} /> : <p key={paragraph}><Inline text={paragraph} /></p>)}
    </div>
  );
}

/** A description in one line. */
export function Words({ text }: { text: string | undefined }) {
  return text ? <Inline text={text} /> : null;
}
