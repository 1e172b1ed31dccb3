/**
 * What runs really say is said in Korean: details of verdicts, causes of losses, outcomes of strikes, labels of marks, every record and
 * why it came. Names, commands and what a server answers stay as they are.
 */
import { describe, expect, test } from 'vitest';
import { describeTarget } from '../../../../scenarios/describeEntry.ts';
import { decisionsOf, describe as described, why } from '../../../../viz/model/why.ts';
import { buildMoments } from '../../../../viz/model/moments.ts';
import { SENTENCES } from '../../../../viz/texts/sentences.ts';
import { translated } from '../../../../viz/texts/report.ts';
import { played } from './played.ts';

/** Runs that say a great deal: sentinels, a cluster, losses, disks, checks of consistency. */
const RUNS: readonly string[] = [
  'lessons/split-brain', 'lessons/lost-majority', 'lessons/wait-is-not-consensus', 'sentinel/queue-loses-jobs', 'cluster/removing-a-node',
];
/** What is Redis's own word in every language. */
const OWN_WORDS: readonly RegExp[] = [/^OK$/, /^ERR /, /^[+-]/, /^[\w-]+$/, /^fixed /];

const isSaid = (said: string): boolean => OWN_WORDS.some((own) => own.test(said)) || /[가-힣]/.test(translated(said, 'ko') ?? '');

describe.each(RUNS)('%s', (name) => {
  const run = played(name);
  const { recording, report } = run;

  test('its report is said in Korean', () => {
    const said = [
      ...report.verdicts.map(({ detail }) => detail), ...report.ledger.lostWrites.map(({ cause }) => cause),
      ...report.strikes.map(({ outcome }) => outcome), ...buildMoments(recording, report).filter(({ kind }) => kind !== 'violation').map(({ label }) => label),
    ];
    expect([...new Set(said)].filter((each) => !isSaid(each))).toEqual([]);
    for (const { entry } of report.strikes.filter(({ entry: { forMs } }) => forMs !== undefined)) {
      expect(translated(describeTarget(entry), 'ko')).toContain('초 동안');
    }
  });

  test('each of its records is said in Korean, and why it came', () => {
    const ko = SENTENCES.ko;
    const decisions = decisionsOf(recording, ko);
    const mute = new Set<string>();
    for (let row = 0; row < recording.count; row += row < 2000 ? 1 : 7) {
      const said = described(recording, row, ko);
      if (!/[가-힣]/.test(said)) mute.add(said);
    }
    for (const [row] of recording.detailed()) for (const line of why(recording, decisions, row, ko)) if (!/[가-힣]/.test(line)) mute.add(line);
    expect([...mute]).toEqual([]);
  });
});

test('English stays as it is, and what no template fits is not invented', () => {
  expect(translated('no reads', 'en')).toBe('no reads');
  expect(translated('no such sentence', 'ko')).toBeNull();
});

test('sentences in sentences are said too', () => {
  expect(translated('one-vote-per-epoch: not exercised, expected holds (no votes)', 'ko')).toBe('one-vote-per-epoch: 시험되지 않음, 기대는 성립 (투표 없음)');
  expect(translated('lost writes: 0, expected 1300 to 1600', 'ko')).toBe('lost writes: 0, 기대는 1300~1600');
  expect(translated('C1 found 555 in counter:0, after 745 (and 143 more)', 'ko')).toBe('C1: counter:0에서 745 다음에 555을(를) 읽음 (그 밖에 143건)');
  expect(translated('6 redirected requests; 1 times in a row at most', 'ko')).toBe('돌려보낸 요청 6건, 연달아 최대 1번');
});
