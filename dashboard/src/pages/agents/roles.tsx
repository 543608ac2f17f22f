// How much work there is for each role, and who could do it: where agents are lacking shows here first.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { RoleLoad } from '../../api/types';
import { place, settle } from '../../router';
import { is_lacking, urgent_first } from '../../state/roles';
import { Text } from '../../ui/text';

const look_again_ms = 10_000;
/** Roles shown before all are asked for. */
const shown_at_first = 12;

const parts = [
  ['completed', 'tone-green', 'done'], ['held', 'tone-blue', 'at work'], ['ready', 'tone-violet', 'ready'],
  ['reviewing', 'tone-orange', 'for people'], ['waiting', 'tone-grey', 'waiting'],
] as const satisfies readonly (readonly [keyof RoleLoad, string, string])[];

function use_roles(): readonly RoleLoad[] {
  const [roles, set_roles] = useState<readonly RoleLoad[]>([]);
  useEffect(() => {
    const control = new AbortController();
    const look = () => {
      if (document.visibilityState !== 'visible') return;
      get<RoleLoad[]>('/api/roles', control.signal).then(set_roles).catch(() => undefined);
    };
    look();
    const timer = setInterval(look, look_again_ms);
    return () => {
      clearInterval(timer);
      control.abort();
    };
  }, []);
  return roles;
}

export function RoleLoads() {
  const roles = urgent_first(use_roles());
  const [all, set_all] = useState(false);
  if (roles.length === 0) return null;
  const shown = all ? roles : roles.slice(0, shown_at_first);
  return (
    <section class="card" aria-labelledby="load-title">
      <div class="card-head">
        <h2 id="load-title">Work by role</h2>
        <span class="load-legend small soft">{parts.map(([, tone, name]) => <span key={name}><i class={tone} aria-hidden="true" />{name}</span>)}</span>
      </div>
      <div class="card-pad scroll-x">
        <table class="load">
          <thead><tr><th scope="col">Role</th><th scope="col">Work</th>{parts.map(([, , name]) => <th key={name} scope="col" class="number wide-only">{name}</th>)}<th scope="col" class="number" title="At work, of those who could">Agents</th></tr></thead>
          <tbody>{shown.map((role) => <LoadRow key={role.role} load={role} />)}</tbody>
        </table>
      </div>
      {!all && roles.length > shown_at_first && <div class="list-foot"><button type="button" class="button small" onClick={() => set_all(true)}>Show all {roles.length}</button></div>}
    </section>
  );
}

function LoadRow({ load }: { load: RoleLoad }) {
  const total = parts.reduce((sum, [member]) => sum + load[member], 0);
  const words = parts.filter(([member]) => load[member] > 0).map(([member, , name]) => `${load[member]} ${name}`).join(', ');
  const chosen = place.value.query.get('role') === load.role;
  return (
    <tr>
      <th scope="row">
        {load.role
          ? <button type="button" class="load-role" aria-pressed={chosen} title="Show the agents that have this role" onClick={() => settle({ role: chosen ? '' : load.role })}><Text value={load.role} /></button>
          : <span class="soft">No role: anybody who can</span>}
      </th>
      <td>
        <span class="load-bar" role="img" aria-label={words} title={words}>
          {parts.map(([member, tone]) => load[member] > 0 && <i key={member} class={tone} style={{ width: `${(100 * load[member]) / total}%` }} />)}
        </span>
      </td>
      {parts.map(([member]) => <td key={member} class={`number wide-only ${load[member] === 0 ? 'soft' : ''}`}>{load[member]}</td>)}
      <td class="number nowrap">
        {is_lacking(load) ? <span class="state tone-red">nobody</span> : <>{load.agents_active} <span class="soft">of {load.agents}</span></>}
      </td>
    </tr>
  );
}
