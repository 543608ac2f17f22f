export function ExecutionPage({ id, view }: { id: string; view: string }) {
  return <h1>{id} {view}</h1>;
}
