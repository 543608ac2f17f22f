// Text that came from plans and agents. It is never markup: Preact puts it into text nodes. What cannot be seen but
// changes what is read (control characters, marks that turn the writing direction) is shown by its code.
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

const pictures = (c: string) => {
  const code = c.codePointAt(0) ?? 0;
  // U+2400… are the pictures of the control characters.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
};

export function visible(text: string): string {
  return text.replace(invisible, pictures);
}

/** Text of others, apart from what stands around it whatever its direction is. */
export function Text({ value }: { value: string | undefined }) {
  return <bdi>{visible(value ?? '')}</bdi>;
}
