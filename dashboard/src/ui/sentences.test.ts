import { describe, expect, it } from 'vitest';
import { event_types, happening_of, kind_of, kinds, plain, sentence_of, type Happening, type Names } from './sentences';

const names: Names = {
  agent: (id) => ({ scout: 'Scout' })[id],
  execution: (id) => ({ 'exec-1': 'Plan X' })[id],
  task: (id) => ({ t1: 'Draft the charter' })[id],
};
const happening = (event_type: string, more: Partial<Happening> = {}): Happening => ({
  event_type, actor: 'ann', execution_id: 'exec-1', task_id: 't1', agent_id: 'scout', ...more,
});
const said = (event_type: string, more: Partial<Happening> = {}, elsewhere = false) =>
  plain(sentence_of(happening(event_type, more), names, elsewhere));

describe('a sentence about what happened', () => {
  it('names who did what, by their names', () => {
    expect(said('task_complete')).toBe('Scout completed “Draft the charter”');
  });
  it('says in which execution where several are looked at', () => {
    expect(said('task_complete', {}, true)).toBe('Scout completed “Draft the charter” in Plan X');
  });
  it('does not name an execution twice', () => {
    expect(said('execution_paused', {}, true)).toBe('ann paused Plan X');
  });
  it('uses the title that comes with an entry before the one that is known', () => {
    expect(said('task_started', { task_title: 'Write it' })).toBe('Scout started “Write it”');
  });
  it('stands with ids where no names are known', () => {
    expect(plain(sentence_of(happening('task_started')))).toBe('scout started “t1”');
  });
  it('keeps the words that were said apart', () => {
    const sentence = sentence_of(happening('task_error', { error_message: 'no such file' }), names);
    expect(sentence.quote).toBe('no such file');
    expect(plain(sentence)).not.toContain('no such file');
  });
  it('tells what a person decided', () => {
    expect(said('review_resolved', { action: 'approve' })).toBe('ann approved “Draft the charter”');
    expect(said('review_resolved', { action: 'skip' })).toBe('ann skipped “Draft the charter”');
    expect(said('review_resolved', { action: 'something new' })).toBe('ann decided about “Draft the charter”');
  });
  it('tells a failure for good from one of an attempt', () => {
    expect(said('task_error', { attempt: 2, final: false })).toBe('Scout failed at “Draft the charter”, attempt 2');
    expect(said('task_error', { final: true })).toBe('“Draft the charter” failed for good');
  });
  it('leaves out what is not known', () => {
    expect(said('task_assigned')).toBe('Scout was given “Draft the charter”');
    expect(said('task_progress')).toBe('Scout has done more of “Draft the charter”');
    expect(said('task_progress', { progress_percent: 33.333 })).toBe('Scout has done 33.3 % of “Draft the charter”');
    expect(said('task_escalated', { escalated_to: 'owner' })).toBe('“Draft the charter” was escalated to owner');
  });
  it('names a type of a newer server', () => {
    expect(said('moon_landed')).toBe('Moon landed');
    expect(kind_of('moon_landed')).toBe('server');
    expect(said('constructor')).toBe('Constructor');
  });
  it('says when, and into how many', () => {
    expect(said('task_retry_scheduled')).toBe('“Draft the charter” will be tried again');
    expect(said('task_retry_scheduled', { retry_at: '2026-01-01T10:20:30.000Z' })).toMatch(/again at .*20:30/);
    expect(said('subtasks_added', { subtasks: [{}, {}] })).toBe('Scout took “Draft the charter” apart into 2 parts');
  });
  it('reads the short messages of the feed as what they stand for', () => {
    const told = (event_type: string, message?: string) => {
      const entry = { position: 1, seq: 1, event_type, actor: 'ann', agent_id: 'scout', task_id: 't1', task_title: 'It', timestamp: '' };
      const sentence = sentence_of(happening_of(message === undefined ? entry : { ...entry, message }), names);
      return [plain(sentence), sentence.quote];
    };
    expect(told('review_resolved', 'approve')).toEqual(['ann approved “It”', undefined]);
    expect(told('review_resolved', 'reject: too dear: twice')).toEqual(['ann rejected “It”', 'too dear: twice']);
    expect(told('agent_standing_changed', 'paused')).toEqual(['ann paused Scout', undefined]);
    expect(told('agent_profile_changed', 'Scout')).toEqual(['ann changed what Scout can do', undefined]);
    expect(told('execution_reprioritized', 'priority -3')).toEqual(['ann gave the execution priority -3', undefined]);
    expect(told('execution_forked', 'from exec-7 at 12')).toEqual(['ann forked the execution from another one, after its event 12', undefined]);
    expect(told('execution_archived', '40 events')).toEqual(['The execution went to the archive with 40 events', undefined]);
    expect(told('subject_erased', 'bob')).toEqual(['ann erased the personal data of bob', undefined]);
    expect(told('subtasks_added', '3 subtasks')).toEqual(['Scout took “It” apart into 3 parts', undefined]);
    expect(told('notification_dead_lettered', 'notification 7: refused')).toEqual(['Notification 7 could not be delivered', 'refused']);
    expect(told('task_blocked', 'the permit')).toEqual(['Scout waits with “It” for something outside', 'the permit']);
    expect(told('task_blocked')).toEqual(['Scout waits with “It” for something outside', undefined]);
  });
  it.each(event_types)('tells %s with and without details, without a hole', (type) => {
    const bare = plain(sentence_of({ event_type: type, actor: '' }));
    const full = said(type, { attempt: 1, number: 3, priority: 5, title: 'A plan', status: 'paused', action: 'retry' }, true);
    for (const text of [bare, full]) {
      expect(text).toMatch(/^[^\s{[|]/u);
      expect(text).not.toMatch(/[{}[\]|]|undefined|NaN|\s{2}/);
    }
    expect(full.trim()).toBe(full);
  });
  it('belongs to one kind each', () => {
    expect((Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) => event_types.filter((type) => kind_of(type) === kind)).sort()).toEqual([...event_types].sort());
  });
  it('knows every type that the log can hold', async () => {
    const { readFileSync } = await import('node:fs');
    const codec = readFileSync(new URL('../../../eventstore/codec.cpp', import.meta.url), 'utf8');
    const stored = [...codec.matchAll(/stored_as<[^>]+>\{\d+, "(\w+)"\}/g)].map((match) => match[1]);
    expect(stored.length).toBeGreaterThan(30);
    expect(stored.filter((type) => !(event_types as string[]).includes(String(type)))).toEqual([]);
  });
});
