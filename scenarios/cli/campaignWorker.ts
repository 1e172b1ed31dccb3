/** A worker thread of a campaign: gets seeds one at a time, answers each with what became of the run. */
import { parentPort, workerData } from 'node:worker_threads';
import { runScenario, verifyScenario } from '../../sim/index.ts';
import type { CampaignRun, CampaignSetup } from './campaign.ts';
import { describeDifference } from './verify.ts';

const setup = workerData as CampaignSetup;

const run = (seed: number): CampaignRun => {
  try {
    const report = runScenario(setup.scenario, seed, { bugs: setup.planted });
    const verified = setup.verify ? verifyScenario(setup.scenario, seed, setup.planted) : null;
    const differs = verified === null || verified.equal ? [] : [describeDifference(verified.firstDifference)];
    return {
      seed,
      ok: report.ok && differs.length === 0,
      lost: report.ledger.lost,
      bugs: report.ledger.bugs,
      unavailableMs: report.unavailableMs,
      virtualMs: report.virtualMs,
      traceHash: report.traceHash,
      failures: [...report.failures, ...differs],
    };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { seed, ok: false, lost: 0, bugs: 0, unavailableMs: 0, virtualMs: 0, traceHash: '', failures: [message] };
  }
};

parentPort?.on('message', (seed: number) => parentPort?.postMessage(run(seed)));
