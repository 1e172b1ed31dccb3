/** Replication ID and offset: what each change of role does to them, and which requests a backlog can continue. */
import { beforeEach, describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { Random } from '../../../../engine/core/random.ts';
import { replOffset } from '../../../../engine/core/units.ts';
import { NO_ID, ReplicationHistory } from '../../../../engine/replication/history.ts';

const BACKLOG = 1000;
let history: ReplicationHistory;

beforeEach(() => {
  history = new ReplicationHistory(new Random(bytes('twelve bytes')));
});

const append = (text: string): void => history.append(bytes(text), BACKLOG);

describe('offsets', () => {
  test('without a backlog nothing is counted but the position of notes', () => {
    append('abc');
    expect(history).toMatchObject({ offset: 0, position: 3, backlog: null });
    history.createBacklog();
    append('defg');
    expect(history.offset).toBe(4);
  });

  test('the backlog holds its last bytes only', () => {
    history.createBacklog();
    append('a'.repeat(900));
    append('b'.repeat(200));
    expect(history.backlog).toMatchObject({ start: 100, end: 1100 });
    expect(history.continuation(history.id, 101)).toBe('a'.repeat(800) + 'b'.repeat(200));
    expect(history.continuation(history.id, 100)).toBeNull();
  });
});

describe('continuation', () => {
  test('under the current ID: from the first byte held to one past the last', () => {
    history.adopt(bytes('x'.repeat(40)), replOffset(500));
    history.createBacklog();
    append('abcdef');
    expect(history.continuation(history.id, 500)).toBeNull();
    expect(history.continuation(history.id, 501)).toBe('abcdef');
    expect(history.continuation(history.id, 504)).toBe('def');
    expect(history.continuation(history.id, 507)).toBe('');
    expect(history.continuation(history.id, 508)).toBeNull();
    expect(history.continuation(bytes('y'.repeat(40)), 501)).toBeNull();
    expect(history.continuation(NO_ID, 501)).toBeNull();
  });

  test('under the second ID: up to one past the byte where it ended, which a promotion fixed', () => {
    history.createBacklog();
    append('abcdef');
    const before = history.id;
    history.shiftId();
    append('ghi');
    expect(history).toMatchObject({ secondId: before, secondOffset: 7, offset: 9 });
    expect(history.id).not.toBe(before);
    expect(history.continuation(before, 7)).toBe('ghi');
    expect(history.continuation(before, 4)).toBe('defghi');
    expect(history.continuation(before, 8)).toBeNull();
    expect(history.continuation(history.id, 8)).toBe('hi');
  });

  test('no backlog, no continuation', () => expect(history.continuation(history.id, 1)).toBeNull());
});

describe('changes of name', () => {
  test('a second promotion forgets the ID of before the first', () => {
    history.createBacklog();
    append('abc');
    const first = history.id;
    history.shiftId();
    append('def');
    const second = history.id;
    history.shiftId();
    expect(history).toMatchObject({ secondId: second, secondOffset: 7 });
    expect(history.continuation(first, 4)).toBeNull();
  });

  test('following a promoted primary keeps our own ID as the second', () => {
    history.createBacklog();
    append('abc');
    const before = history.id;
    history.followNewId(bytes('z'.repeat(40)));
    expect(history).toMatchObject({ id: 'z'.repeat(40), secondId: before, secondOffset: 4, offset: 3 });
  });

  test('a new ID forgets the second; another node’s history forgets everything', () => {
    history.createBacklog();
    append('abc');
    history.shiftId();
    history.newId();
    expect(history).toMatchObject({ secondId: NO_ID, secondOffset: -1, offset: 3 });
    history.adopt(bytes('w'.repeat(40)), replOffset(70));
    expect(history).toMatchObject({ id: 'w'.repeat(40), offset: 70, backlog: null, secondId: NO_ID, position: 70 });
  });

  test('what nobody counted is in no offset of the new name', () => {
    append('abc');
    history.newId();
    expect(history.position).toBe(0);
    append('de');
    history.shiftId();
    expect(history.position).toBe(0);
  });
});
