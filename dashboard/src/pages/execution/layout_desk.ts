// Hands layouts to a worker and gives back what it answers. Where there is no worker (an old browser, a page that may
// not have one) the page does it itself, plainer.
import worker_address from './layout_worker?worker&url';
import type { Layout, LayoutTask } from './graph_layout';

interface Reply {
  id: number;
  layout?: Layout;
  failure?: string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): { createScriptURL: (address: string) => unknown };
}

/** The page lets no text become a script's address but this one, which the build has written. */
const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('layout', { createScriptURL: () => worker_address });
const trusted_worker = (): URL => (policy?.createScriptURL(worker_address) ?? worker_address) as URL;

export class LayoutDesk {
  private worker: Worker | undefined;
  private last_id = 0;
  private readonly open = new Map<number, { task: LayoutTask; done: (layout: Layout) => void; failed: (why: Error) => void }>();

  constructor() {
    try {
      this.worker = new Worker(trusted_worker(), { type: 'module' });
      this.worker.onmessage = ({ data }: MessageEvent<Reply>) => this.take(data);
      this.worker.onerror = () => this.go_on_here();
    } catch {
      this.worker = undefined;
    }
  }

  lay_out(task: LayoutTask): Promise<Layout> {
    const id = ++this.last_id;
    return new Promise((done, failed) => {
      this.open.set(id, { task, done, failed });
      if (this.worker) this.worker.postMessage({ id, task });
      else void this.do_here(id);
    });
  }

  close(): void {
    this.worker?.terminate();
    this.open.clear();
  }

  private take({ id, layout, failure }: Reply): void {
    const waiting = this.open.get(id);
    this.open.delete(id);
    if (layout) waiting?.done(layout);
    else waiting?.failed(new Error(failure ?? 'The graph could not be laid out.'));
  }

  private go_on_here(): void {
    this.worker?.terminate();
    this.worker = undefined;
    for (const id of [...this.open.keys()]) void this.do_here(id);
  }

  private async do_here(id: number): Promise<void> {
    const task = this.open.get(id)?.task;
    if (!task) return;
    try {
      const { lay_out } = await import('./graph_layout');
      this.take({ id, layout: lay_out(task) });
    } catch (failure) {
      this.take({ id, failure: String(failure) });
    }
  }
}
