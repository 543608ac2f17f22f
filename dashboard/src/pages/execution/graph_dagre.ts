// Placing tasks that hang together with dagre: layers with few crossings. Apart from the rest, because it is heavy.
import dagre from '@dagrejs/dagre';
import type { Point } from './graph_lines';
import { across_gap, along_gap, down_gap, root_gap, type PlacePart } from './graph_layout';

export const place_by_dagre: PlacePart = (part, direction, size, outermost) => {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: direction, nodesep: outermost ? root_gap / 2 : across_gap, ranksep: outermost ? root_gap : direction === 'LR' ? along_gap : down_gap, edgesep: 10 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of part.children) {
    const { w, h } = size(id);
    graph.setNode(id, { width: w, height: h });
  }
  for (const edge of part.edges) graph.setEdge(edge.from, edge.to);
  dagre.layout(graph);
  const whole = graph.graph() as { width?: number; height?: number };
  const at = new Map<string, Point>();
  for (const id of part.children) {
    const node = graph.node(id) as { x: number; y: number; width: number; height: number };
    at.set(id, { x: node.x - node.width / 2, y: node.y - node.height / 2 });
  }
  const lines = new Map<number, Point[]>();
  for (const edge of part.edges) {
    if (edge.line === undefined) continue;
    const { points } = graph.edge(edge.from, edge.to) as { points: Point[] };
    lines.set(edge.line, points.map(({ x, y }) => ({ x, y })));
  }
  return { w: whole.width ?? 0, h: whole.height ?? 0, at, lines };
};
