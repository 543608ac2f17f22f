import { expect, test } from 'vitest';
import { empty_part, parts_to_send, type Part } from './parts_editor';

const part = (members: Partial<Part>): Part => ({ ...empty_part(), ...members });

test('what was not filled in is not sent', () => {
  expect(parts_to_send([part({ title: ' Ask ' }), part({ title: ' ' }), part({ title: 'Tell', action: 'send_email', id: 't' })], 'p'))
    .toEqual([{ title: 'Ask' }, { title: 'Tell', action: 'send_email', subtask_id: 't' }]);
});

test('a number is the line, which gets an id to be named by', () => {
  expect(parts_to_send([part({ title: 'A' }), part({ title: '' }), part({ title: 'B', after: '1' }), part({ title: 'C', id: 'c', after: '3, elsewhere' })], 'p'))
    .toEqual([
      { title: 'A', subtask_id: 'p.1' },
      { title: 'B', subtask_id: 'p.2', depends_on: ['p.1'] },
      { title: 'C', subtask_id: 'c', depends_on: ['p.2', 'elsewhere'] },
    ]);
});

test('an id that looks like a number is an id, and a line that is not sent is left for the server to refuse', () => {
  expect(parts_to_send([part({ title: 'A', id: '2' }), part({ title: '' }), part({ title: 'B', after: '2' })], 'p')[1]?.depends_on).toEqual(['2']);
  expect(parts_to_send([part({ title: 'A' }), part({ title: '' }), part({ title: 'B', after: '2' })], 'p')[1]?.depends_on).toEqual(['2']);
});
