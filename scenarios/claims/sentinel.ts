/** The claims about Sentinel: what it watches, when it acts, and whom it promotes. Those about counting are in `sentinelCounting.ts`. */
import { SENTINEL_EVENT, SENTINEL_FIELD } from '../../sim/wireWords.ts';
import { whichReplica } from '../lessons/promotion.ts';
import { primaryIsolated, primaryKilled, primaryPowerLoss } from '../sentinel/primaryDies.ts';
import { besideEachRedis, twoSentinels } from '../sentinel/quorum.ts';
import { replicaPriorities } from '../sentinel/whoIsPromoted.ts';
import type { Claim } from './claim.ts';
import {
  type SeenRun, answer, counted, inTurn, listed, nodeOf, notesOf, primaryEvents, processAt, promotions, seconds, sentinelEvents,
  struckMs, switches,
} from './seen.ts';
import {
  ASK_ADDRESS, ASK_PRIMARY, infoUnanswered, sdownAlone, secondLevelKnown, secondLevelUnknown, sentinelDuties, sentinelsMeet,
  sentinelsOnOneMachine,
  sentinelsWithoutPubSub,
} from './sentinelRuns.ts';

const MAIN = 'redis-main';
const WHERE = ASK_ADDRESS.join(' ');
const WATCHED = ASK_PRIMARY.join(' ');

/** Who was promoted in the run's last failover that was completed. */
const promoted = (run: SeenRun): string => {
  const last = (run.report.failovers ?? []).findLast(({ switchedMs }) => switchedMs !== null);
  return last !== undefined && 'sentinel' in last ? processAt(run, last.chosen) : 'nobody';
};

const failedOver = (run: SeenRun): boolean => switches(run) > 0;

const outcome = (run: SeenRun): string => (failedOver(run) ? `${promoted(run)} was promoted` : 'nobody was promoted');

const known = (run: SeenRun): readonly string[] => ['s1', 's2', 's3']
  .map((sentinel) => listed(answer(run, sentinel, WATCHED), 'num-other-sentinels'));

export const sentinelClaims: readonly Claim[] = [
  {
    n: 10, group: 'sentinel', expected: 'holds',
    statement: 'Sentinels monitor primary and replicas, notify, fail over automatically, and tell clients the primary\'s address.',
    cases: [{
      scenario: sentinelDuties,
      observe: (run) => {
        const killedMs = struckMs(run, 1);
        const downMs = (primaryEvents(run, '+sdown')[0]?.atMs ?? killedMs) - killedMs;
        const published = sentinelEvents(run, SENTINEL_EVENT.switchPrimary).length;
        const [before, after] = [0, 1].map((nth) => answer(run, 'redis-sentinel-3', WHERE, nth));
        return {
          holds: downMs > 0 && published === 3 && failedOver(run) && before !== after && run.report.unavailableMs < 10_000,
          evidence: `down after ${seconds(downMs)}, ${promoted(run)} promoted, ${SENTINEL_EVENT.switchPrimary} published by`
            + ` ${published} sentinels; asked for the`
            + ` address they said ${before}, then ${after}; clients wrote again after ${seconds(run.report.unavailableMs)}`,
        };
      },
    }],
  },
  {
    n: 12, group: 'sentinel', statement: 'The other replicas are reconfigured to follow the new primary.', expected: 'holds',
    cases: [{
      scenario: primaryKilled,
      observe: (run) => {
        const chosen = promoted(run);
        const others = run.report.nodes.filter(({ name }) => name !== chosen && name !== MAIN);
        const follow = others.filter(({ primary }) => processAt(run, primary) === chosen);
        const atMs = Math.min(...sentinelEvents(run, SENTINEL_EVENT.reconfDone).map((seen) => seen.atMs));
        return {
          holds: others.length > 0 && follow.length === others.length,
          evidence: `${follow.length} of ${others.length} other replicas followed ${chosen}, ${seconds(atMs - struckMs(run, 0))}`
            + ' after the kill',
        };
      },
    }],
  },
  {
    n: 14, group: 'sentinel', statement: 'Only first-level replicas can be promoted, never a replica of a replica.', expected: 'holds if',
    condition: 'the primary never listed it: Sentinel knows replicas from the primary\'s INFO, and forgets none',
    cases: [
      {
        condition: 'met', scenario: secondLevelUnknown,
        observe: (run) => ({ holds: !failedOver(run), evidence: `n3 followed n2 from its start, n2 had priority 0: ${outcome(run)}` }),
      },
      {
        condition: 'not met', scenario: secondLevelKnown,
        observe: (run) => ({
          holds: promoted(run) !== 'n3', evidence: `n3 had been the primary's own before it was sent behind n2: ${outcome(run)}`,
        }),
      },
    ],
  },
  {
    n: 15, group: 'sentinel', expected: 'holds',
    statement: 'The replica with the smallest replica-priority is chosen; 0 is never promoted; ties are broken by the engine.',
    cases: [
      {
        scenario: replicaPriorities,
        observe: (run) => {
          const [chosen] = notesOf(run, 'selected');
          const zero = nodeOf(run, 'n4')?.role;
          return {
            holds: processAt(run, chosen?.note.replica ?? null) === 'n3' && zero === 'replica',
            evidence: `of priorities 100, 10 and 0 the one with ${chosen?.note.priority} was chosen; left with 0 alone nobody was promoted`,
          };
        },
      },
      {
        scenario: whichReplica.scenario,
        observe: (run) => {
          const [chosen] = notesOf(run, 'selected');
          const most = notesOf(run, 'selected').every(({ note }) => note.priority === 100);
          return {
            holds: processAt(run, chosen?.note.replica ?? null) === 'n2' && most,
            evidence: 'of two with 100 the one with more data was chosen',
          };
        },
      },
    ],
  },
  {
    n: 16, group: 'sentinel', statement: 'Three or more sentinels, on machines that fail independently.', expected: 'holds',
    cases: [
      {
        scenario: besideEachRedis,
        observe: (run) => ({ holds: failedOver(run), evidence: `three on three machines, one lost: ${outcome(run)}` }),
      },
      {
        scenario: twoSentinels,
        observe: (run) => ({ holds: !failedOver(run), evidence: `two on two machines, one lost: ${outcome(run)}` }),
      },
      {
        scenario: sentinelsOnOneMachine,
        observe: (run) => ({ holds: !failedOver(run), evidence: `three on the primary's machine, which was lost: ${outcome(run)}` }),
      },
    ],
  },
  {
    n: 17, group: 'sentinel', statement: 'Sentinels find each other and talk through Redis Pub/Sub.', expected: 'holds if',
    condition: 'to talk means to make oneself and a new configuration known; that the primary is down, and votes, they ask of each'
      + ' other directly',
    cases: [
      {
        condition: 'met', scenario: sentinelsMeet,
        observe: (run) => ({
          holds: known(run).every((count) => count === '2'),
          evidence: `cut off from each other from the start, they knew ${inTurn(known(run))} others`,
        }),
      },
      {
        condition: 'met', scenario: sentinelsWithoutPubSub,
        observe: (run) => ({
          holds: known(run).every((count) => count === '0'),
          evidence: `without PUBLISH on the data nodes they knew ${inTurn(known(run))}`,
        }),
      },
      {
        condition: 'not met', scenario: sentinelsMeet,
        observe: (run) => {
          const healMs = struckMs(run, 0) + 60_000;
          const alone = promotions(run, struckMs(run, 4)).filter(({ atMs }) => atMs < healMs);
          const holders = new Set(primaryEvents(run, '+sdown').map(({ node }) => node));
          return {
            holds: alone.length > 0,
            evidence: `with Pub/Sub alone a dead primary was held down by ${counted(holders.size, 'sentinel')}`
              + ` and not replaced for ${seconds(healMs - struckMs(run, 4))}, until they reached each other again`,
          };
        },
      },
    ],
  },
  {
    n: 18, group: 'sentinel', expected: 'holds',
    statement: 'Writes made during the failure may be lost, because replication is asynchronous.',
    cases: [
      {
        scenario: primaryPowerLoss, seeds: 3,
        observe: (_first, runs) => {
          const lost = runs.map(({ report }) => report.ledger.lost);
          return {
            holds: lost.some((count) => count > 0),
            evidence: `power loss on a lossy network: ${inTurn(lost)} acknowledged writes lost in three seeds`,
          };
        },
      },
      {
        scenario: primaryIsolated,
        observe: ({ report: { ledger } }) => ({
          holds: ledger.lost > 0,
          evidence: `a primary that is cut off with one client: ${ledger.lost} of ${ledger.acknowledged} lost`,
        }),
      },
    ],
  },
  {
    n: 19, group: 'sentinel', statement: 'A sentinel may run on the same machine as a Redis node or on its own.', expected: 'holds',
    cases: [
      {
        scenario: besideEachRedis,
        observe: (run) => ({
          holds: failedOver(run), evidence: `beside each Redis: ${outcome(run)} after ${seconds(run.report.unavailableMs)}`,
        }),
      },
      {
        scenario: primaryKilled,
        observe: (run) => ({
          holds: failedOver(run), evidence: `on machines of their own: ${outcome(run)} after ${seconds(run.report.unavailableMs)}`,
        }),
      },
    ],
  },
  {
    n: 20, group: 'sentinel', expected: 'holds if',
    statement: 'SDOWN: one sentinel got no valid reply to PING/INFO for 3 seconds (its configured time); SDOWN alone starts no failover.',
    condition: 'it is PING that goes unanswered; INFO alone does not count',
    cases: [
      {
        condition: 'met', scenario: sdownAlone,
        observe: (run) => {
          const [down] = primaryEvents(run, '+sdown');
          const agreed = primaryEvents(run, '+odown').length;
          const afterMs = (down?.atMs ?? 0) - struckMs(run, 0);
          return {
            holds: down?.node === 's1' && afterMs >= 2000 && afterMs < 5000 && agreed === 0 && (run.report.failovers ?? []).length === 0,
            evidence: `${down?.node} was cut off for 40 s: SDOWN after ${seconds(afterMs)}, ${agreed} ODOWN, no failover`,
          };
        },
      },
      {
        condition: 'not met', scenario: infoUnanswered,
        observe: (run) => {
          const down = primaryEvents(run, '+sdown').length;
          const refreshed = listed(answer(run, 's1', WATCHED), SENTINEL_FIELD.replicaCount);
          return { holds: down > 0, evidence: `every INFO refused for a minute (${refreshed} replicas found): ${down} SDOWN` };
        },
      },
    ],
  },
];
