export function InboxPage({ id }: { id: string | undefined }) {
  return <h1>Inbox {id}</h1>;
}
