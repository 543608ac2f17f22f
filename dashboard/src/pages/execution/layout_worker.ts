// Lays out graphs beside the page, so that the page does not stand still meanwhile.
import { place_by_dagre } from './graph_dagre';
import { lay_out, type LayoutTask } from './graph_layout';

interface Scope {
  onmessage: ((message: MessageEvent<{ id: number; task: LayoutTask }>) => void) | null;
  postMessage(message: unknown): void;
}
const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data: { id, task } }) => {
  try {
    scope.postMessage({ id, layout: lay_out(task, place_by_dagre) });
  } catch (failure) {
    scope.postMessage({ id, failure: String(failure) });
  }
};
