// Sending something large, with word of how far it is. fetch() does not tell, so this is the one use of the older way.
import { fresh_key, key, needs_key, Refusal } from './http';
import type { Problem } from './types';

export interface Upload {
  path: string;
  content: Blob;
  type: string;
  /** 0 to 1, as far as it has left the browser. */
  on_progress: (share: number) => void;
  signal: AbortSignal;
}

/** The server's answer, or a Refusal. An upload that is taken back ends in an AbortError. */
export function upload<T>({ path, content, type, on_progress, signal }: Upload): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const refuse = (problem: Problem) => reject(new Refusal(problem));
    signal.addEventListener('abort', stop);
    request.open('POST', path);
    request.setRequestHeader('Content-Type', type);
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Idempotency-Key', fresh_key());
    if (key.value) request.setRequestHeader('Authorization', 'Bearer ' + key.value);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) on_progress(event.loaded / event.total);
    };
    request.onerror = () => refuse({ status: 0, code: 'unreachable', title: 'No answer', detail: 'The server cannot be reached, or it broke the upload off.' });
    request.onabort = () => reject(new DOMException('taken back', 'AbortError'));
    request.onloadend = () => signal.removeEventListener('abort', stop);
    request.onload = () => {
      if (request.status === 401) needs_key.value = true;
      try {
        const answer = JSON.parse(request.responseText) as unknown;
        if (request.status >= 200 && request.status < 300) resolve(answer as T);
        else refuse({ ...(answer as Problem), status: request.status });
      } catch {
        refuse({ status: request.status, code: 'unknown', title: request.statusText, detail: `The server answered ${request.status}.` });
      }
    };
    request.send(content);
  });
}
