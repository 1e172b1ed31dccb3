/** A worker thread of the claims: gets the number of one at a time, answers with what its runs showed. */
import { parentPort } from 'node:worker_threads';
import { ScenarioError } from '../../engine/core/errors.ts';
import { type ClaimResult } from '../claims/claim.ts';
import { findClaim } from '../claims/index.ts';
import { runClaim } from '../claims/runClaim.ts';
import { readerIn } from './files.ts';

const work = (n: number): ClaimResult => {
  const claim = findClaim(n);
  if (claim === undefined) throw new ScenarioError(`there is no claim ${n}`);
  return runClaim(claim, readerIn(null));
};

parentPort?.on('message', (n: number) => parentPort?.postMessage(work(n)));
