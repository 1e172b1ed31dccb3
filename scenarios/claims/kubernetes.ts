/** The claim about the Helm chart. */
import { helmThreePods } from '../sentinel/helmPods.ts';
import type { Claim } from './claim.ts';
import { counted, notesOf, struckMs } from './seen.ts';

const WORDS: Readonly<Record<string, string>> = { redis: 'Redis', sentinel: 'sentinel' };

export const kubernetesClaims: readonly Claim[] = [
  {
    n: 35, group: 'kubernetes', expected: 'holds',
    statement: '`replicaCount: 3` gives three pods, each with Redis and a sentinel; one is primary, two are replicas.',
    cases: [{
      scenario: helmThreePods,
      observe: (run) => {
        const { machines, processes } = run.topology;
        const podOf = (name: string): string =>
          processes.filter(({ machine }) => machine === name).map(({ kind }) => WORDS[kind] ?? kind).sort().join(' and ');
        const pods = machines.map(({ name }) => podOf(name));
        const before = notesOf(run, 'role').filter(({ atMs }) => atMs < struckMs(run, 0));
        const roles = [...new Map(before.map(({ node, note }) => [node, note.role])).values()];
        const primaries = roles.filter((role) => role === 'primary').length;
        return {
          holds: pods.length === 3 && pods.every((pod) => pod === 'Redis and sentinel') && primaries === 1 && roles.length === 3,
          evidence: `${counted(pods.length, 'pod')} (${[...new Set(pods)].join(', ')}); ${primaries} primary,`
            + ` ${roles.length - primaries} replicas`,
        };
      },
    }],
  },
];
