// A stream of the server's messages over a WebSocket that heals by itself: after a break it comes back, with growing
// pauses, and goes on from the last event that it has seen.
import { signal, type Signal } from '@preact/signals';
import { key, post } from './http';

export interface StreamMessage {
  type: string;
  seq?: number;
  [more: string]: unknown;
}

export type Link = 'connecting' | 'live' | 'broken';

const first_pause_ms = 250;
const longest_pause_ms = 8_000;
/** The server pings every 20 s, which a page does not see; a socket that is asleep is found when it is used again. */
const opening_limit_ms = 10_000;

export class Stream {
  readonly link: Signal<Link> = signal<Link>('connecting');
  private socket: WebSocket | undefined;
  private timer: number | undefined;
  private pause_ms = first_pause_ms;
  private ended = false;
  private last_seq: number | undefined;

  /**
   * `path` as in '/api/executions/ID/stream'. `resumes`: whether the server can go on after a seq. `on_message` gets
   * each message in order; after a break it is given what came since, or a new snapshot. An event may come again then.
   */
  constructor(
    private readonly path: string,
    private readonly resumes: boolean,
    private readonly on_message: (message: StreamMessage) => void,
  ) {
    void this.open();
    addEventListener('online', this.hurry);
    document.addEventListener('visibilitychange', this.hurry);
  }

  close(): void {
    this.ended = true;
    removeEventListener('online', this.hurry);
    document.removeEventListener('visibilitychange', this.hurry);
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Somebody looks again, or the network is back: no need to sit out the pause. */
  private readonly hurry = (): void => {
    if (this.ended || this.timer === undefined || document.visibilityState === 'hidden') return;
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.open();
  };

  private async address(): Promise<string> {
    const url = new URL(this.path, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    if (this.resumes && this.last_seq !== undefined) url.searchParams.set('from', String(this.last_seq));
    // A browser cannot put a key into a WebSocket's headers, and a key does not belong into an address.
    if (key.value) url.searchParams.set('token', (await post<{ ticket: string }>('/api/tickets')).ticket);
    return url.href;
  }

  private async open(): Promise<void> {
    try {
      const socket = new WebSocket(await this.address());
      if (this.ended) return socket.close();
      this.socket = socket;
      const limit = setTimeout(() => socket.close(), opening_limit_ms);
      socket.onopen = () => clearTimeout(limit);
      socket.onmessage = (event) => this.take(String(event.data));
      socket.onclose = () => {
        clearTimeout(limit);
        this.again();
      };
    } catch {
      this.again();
    }
  }

  private take(text: string): void {
    const message = JSON.parse(text) as StreamMessage;
    // Events come before the update that says what they changed: only after an update is everything up to it known.
    if (typeof message.seq === 'number' && message.type !== 'event') this.last_seq = message.seq;
    if (message.type === 'caught_up') {
      this.pause_ms = first_pause_ms;
      this.link.value = 'live';
    }
    this.on_message(message);
  }

  private again(): void {
    if (this.ended || this.timer !== undefined) return;
    this.link.value = 'broken';
    // Spread, so that a thousand pages do not come back to a restarted server in the same instant.
    const wait = this.pause_ms * (0.5 + Math.random());
    this.pause_ms = Math.min(this.pause_ms * 2, longest_pause_ms);
    this.timer = window.setTimeout(() => {
      this.timer = undefined;
      void this.open();
    }, wait);
  }
}
