// What an agent is said to be and can do: the fields to register one or change one.
import { useState } from 'preact/hooks';
import { patch, post } from '../../api/http';
import type { Agent } from '../../api/types';
import { me } from '../../state/me';
import { agents } from '../../state/overview';
import { Dialog } from '../../ui/dialog';
import { Text } from '../../ui/text';
import { say } from '../../ui/toast';

export interface Profile {
  roles: string;
  actions: string;
  at_once: string;
}

/** "a, b" → ['a', 'b'], each once. */
export const listed = (text: string): string[] => [...new Set(text.split(',').map((each) => each.trim()).filter(Boolean))];

/** Actions as capabilities; one that the agent had keeps its params. */
export function capabilities_of(text: string, before: Agent['capabilities'] = []): Agent['capabilities'] {
  return listed(text).map((action) => before.find((each) => each.action === action) ?? { action });
}

function ProfileFields({ profile, on_change }: { profile: Profile; on_change: (profile: Profile) => void }) {
  const set = (change: Partial<Profile>) => on_change({ ...profile, ...change });
  return (
    <>
      <label class="field">
        <span>Roles</span>
        <input class="input" value={profile.roles} placeholder="Project Manager, Writer" onInput={(event) => set({ roles: event.currentTarget.value })} />
        <span class="soft small">As plans name them, with commas between. <code>*</code> stands for any role.</span>
      </label>
      <label class="field">
        <span>Actions</span>
        <input class="input" value={profile.actions} onInput={(event) => set({ actions: event.currentTarget.value })} />
        <span class="soft small">What it can do, as <code>research, draft_document</code>. <code>*</code> takes any action.</span>
      </label>
      <label class="field">
        <span>Tasks at once</span>
        <input class="input number" type="number" min={1} max={1000} value={profile.at_once} onInput={(event) => set({ at_once: event.currentTarget.value })} />
      </label>
    </>
  );
}

const complete = (profile: Profile) =>
  listed(profile.roles).length > 0 && listed(profile.actions).length > 0 && Number(profile.at_once) >= 1;

interface Registered {
  agent_id: string;
  name: string;
  api_key?: string;
}

export function RegisterDialog({ kind, on_close, on_registered }: {
  kind: Agent['kind'];
  on_close: () => void;
  on_registered?: (agent_id: string) => void;
}) {
  const [name, set_name] = useState('');
  const [id, set_id] = useState('');
  const [its_kind, set_kind] = useState(kind);
  const [profile, set_profile] = useState<Profile>({ roles: kind === 'human' ? '*' : '', actions: '*', at_once: '1' });
  const [wants_key, set_wants_key] = useState(false);
  const [done, set_done] = useState<Registered | undefined>(undefined);
  const confirm = async () => {
    const registered = await post<Registered>('/api/agents', {
      name: name.trim(), kind: its_kind, roles: listed(profile.roles), capabilities: capabilities_of(profile.actions),
      max_concurrent_tasks: Number(profile.at_once), ...(id.trim() ? { agent_id: id.trim() } : {}), ...(wants_key ? { issue_key: true } : {}),
    });
    say(`${registered.name} has been registered.`);
    if (registered.api_key) set_done(registered);
    else on_registered?.(registered.agent_id);
  };
  if (done) {
    return (
      <Dialog title="The key, shown this once" action="I have kept it" on_confirm={() => on_registered?.(done.agent_id)} on_close={on_close}>
        <p class="soft">With it, <Text value={done.name} /> asks for its own work and reports about it. It cannot be shown again.</p>
        <code class="key-once">{done.api_key}</code>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={kind === 'human' ? 'Register a person' : 'Register an agent'} action="Register" ready={name.trim() !== '' && complete(profile)}
      on_confirm={confirm} on_close={() => { if (!wants_key) on_close(); }}
    >
      <label class="field">
        <span>Name</span>
        <input class="input" value={name} maxLength={200} autofocus onInput={(event) => set_name(event.currentTarget.value)} />
      </label>
      <div class="two">
        <label class="field">
          <span>Kind</span>
          <select class="input" value={its_kind} onChange={(event) => set_kind(event.currentTarget.value as Agent['kind'])}>
            <option value="human">Person</option>
            <option value="ai">AI agent</option>
            <option value="service">Service</option>
          </select>
        </label>
        <label class="field">
          <span>Id <span class="soft">(optional)</span></span>
          <input class="input" value={id} placeholder="the server makes one" pattern="[A-Za-z0-9][A-Za-z0-9_.:\-]{0,127}" onInput={(event) => set_id(event.currentTarget.value)} />
        </label>
      </div>
      <ProfileFields profile={profile} on_change={set_profile} />
      {me.value.auth === 'required' && (
        <label class="check"><input type="checkbox" checked={wants_key} onChange={(event) => set_wants_key(event.currentTarget.checked)} /> Make a key for it</label>
      )}
    </Dialog>
  );
}

export function EditDialog({ agent, on_close }: { agent: Agent; on_close: () => void }) {
  const [profile, set_profile] = useState<Profile>({
    roles: agent.roles.join(', '), actions: agent.capabilities.map((each) => each.action).join(', '), at_once: String(agent.max_concurrent_tasks),
  });
  const confirm = async () => {
    await patch(`/api/agents/${encodeURIComponent(agent.agent_id)}`, {
      roles: listed(profile.roles), capabilities: capabilities_of(profile.actions, agent.capabilities), max_concurrent_tasks: Number(profile.at_once),
    });
    say(`${agent.name} has been changed.`);
  };
  return (
    <Dialog title={`Change ${agent.name}`} action="Save" ready={complete(profile)} on_confirm={confirm} on_close={on_close}>
      <ProfileFields profile={profile} on_change={set_profile} />
    </Dialog>
  );
}

/** Roles of all agents, the most common first. */
export function roles_known(): string[] {
  const found = new Map<string, number>();
  for (const agent of agents.value.values()) for (const role of agent.roles) found.set(role, (found.get(role) ?? 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([role]) => role);
}
