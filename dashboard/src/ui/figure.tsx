// One figure of a row of them: its name, its value, and what makes the value clear.
export function Figure({ name, value, more, tone = '' }: { name: string; value: string; more: string; tone?: string }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd class={`number ${tone}`}>{value}</dd>
      <dd class="figure-more">{more}</dd>
    </div>
  );
}
