// Past moments of executions. The past does not change, so what was fetched once is kept for a while: going to and fro
// asks the server for each moment once. What nobody waits for any more is given up.
import { moment_at as fetch_moment, type Moment } from './execution';

/** Tasks in all kept moments together; a moment of a large plan takes a few megabytes. */
const most_tasks = 60_000;
const most_moments = 200;

type Fetch = (id: string, seq: number, signal: AbortSignal) => Promise<Moment>;

interface Flight {
  moment: Promise<Moment>;
  control: AbortController;
  waiting: number;
}

export class MomentShelf {
  /** The one used last is the last. */
  private readonly kept = new Map<string, Moment>();
  private readonly flights = new Map<string, Flight>();

  constructor(private readonly fetch: Fetch) {}

  has(id: string, seq: number): boolean {
    return this.kept.has(key(id, seq));
  }

  at(id: string, seq: number, signal?: AbortSignal): Promise<Moment> {
    const known = this.take(id, seq);
    if (known) return Promise.resolve(known);
    if (signal?.aborted) return Promise.reject(aborted());
    const flight = this.flight(id, seq);
    flight.waiting++;
    return new Promise((done, failed) => {
      const leave = () => {
        // Who leaves may come back in the same step: one part of the page gives up what another now waits for.
        if (--flight.waiting === 0) queueMicrotask(() => this.give_up(key(id, seq), flight));
        failed(aborted());
      };
      signal?.addEventListener('abort', leave, { once: true });
      flight.moment.then(done, failed).finally(() => signal?.removeEventListener('abort', leave));
    });
  }

  private give_up(name: string, flight: Flight): void {
    if (flight.waiting > 0) return;
    flight.control.abort();
    if (this.flights.get(name) === flight) this.flights.delete(name);
  }

  private take(id: string, seq: number): Moment | undefined {
    const known = this.kept.get(key(id, seq));
    if (!known) return undefined;
    this.kept.delete(key(id, seq));
    this.kept.set(key(id, seq), known);
    return known;
  }

  private flight(id: string, seq: number): Flight {
    const name = key(id, seq);
    const known = this.flights.get(name);
    if (known) return known;
    const control = new AbortController();
    const moment = this.fetch(id, seq, control.signal).then((found) => {
      this.keep(name, found);
      return found;
    }).finally(() => this.flights.get(name) === flight && this.flights.delete(name));
    const flight: Flight = { moment, control, waiting: 0 };
    // Whoever waits is told; when nobody does any more, a failure is nobody's.
    moment.catch(() => undefined);
    this.flights.set(name, flight);
    return flight;
  }

  private keep(name: string, moment: Moment): void {
    this.kept.set(name, moment);
    let tasks = 0;
    for (const each of this.kept.values()) tasks += each.tasks.length;
    for (const [oldest, each] of this.kept) {
      if (this.kept.size <= 1 || (tasks <= most_tasks && this.kept.size <= most_moments)) return;
      this.kept.delete(oldest);
      tasks -= each.tasks.length;
    }
  }
}

const key = (id: string, seq: number) => `${id} ${seq}`;
const aborted = () => new DOMException('Nobody waits for it any more.', 'AbortError');

const shelf = new MomentShelf(fetch_moment);

/** The execution as it was after event `seq`; at once when it is known. */
export const moment_at = (id: string, seq: number, signal?: AbortSignal): Promise<Moment> => shelf.at(id, seq, signal);
export const is_known = (id: string, seq: number): boolean => shelf.has(id, seq);
