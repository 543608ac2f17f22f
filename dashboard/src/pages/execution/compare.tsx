export function CompareView({ id, from, until }: { id: string; from: number; until: number }) {
  return <p>{id} {from} {until}</p>;
}
