export function NewPage() {
  return <h1>New</h1>;
}
