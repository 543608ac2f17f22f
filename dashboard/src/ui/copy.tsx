// A button that puts a text where it can be pasted from.
import { say } from './toast';

export interface CopyButtonProps {
  /** The words on it. */
  name: string;
  /** Asked for when it is pressed. */
  text: () => string;
  /** What is copied, as the beginning of a sentence: "The link". */
  what: string;
  small?: boolean;
}

export function CopyButton({ name, text, what, small }: CopyButtonProps) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      say(`${what} is copied.`);
    } catch {
      // A page that is not secure may not write the clipboard; what would be copied can be selected all the same.
      say(`${what} could not be copied: this browser does not let the page.`, true);
    }
  };
  return <button type="button" class={`button${small ? ' small' : ''}`} onClick={() => void copy()}>{name}</button>;
}
