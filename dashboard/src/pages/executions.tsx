export function ExecutionsPage() {
  return <h1>Executions</h1>;
}
