/**
 * The state of a campaign between two rounds: plain data that JSON holds, so that a search can be interrupted and go on. A state
 * file may come from strangers: what is read is checked field by field where it decides what runs.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { type Lanes, lanesHex, rollText } from '../../engine/core/hash.ts';
import { readInteger, readObject, readRecord, readText, valueOf } from '../topology/fields.ts';
import type { CampaignSetup } from './campaign.ts';
import type { Candidate } from './candidate.ts';
import { type Coverage, NO_COVERAGE } from './coverage.ts';
import type { FailureClass } from './failureClass.ts';
import { type Best, NOTHING_YET } from './objectives.ts';

/** Version of the file; raised when what it holds, or what a search makes of it, changes. */
export const CAMPAIGN_VERSION: number = 1;

export interface FailedRun extends Candidate {
  readonly traceHash: string;
  readonly entries: number;
}

/** Runs that failed in the same way, the earliest first. */
export interface FailureGroup extends FailureClass {
  /** What the first one's report says. */
  readonly detail: string;
  readonly count: number;
  readonly runs: readonly FailedRun[];
}

/** How often each value came, by the value in decimal. */
export interface Tallies {
  readonly lost: Readonly<Record<string, number>>;
  readonly unavailableMs: Readonly<Record<string, number>>;
  readonly failoverMs: Readonly<Record<string, number>>;
}

export interface CampaignState {
  readonly rounds: number;
  readonly runs: number;
  /** Fresh seeds that were handed out. */
  readonly fresh: number;
  readonly failedRuns: number;
  readonly virtualMs: number;
  readonly events: number;
  readonly bugs: number;
  readonly coverage: Coverage;
  readonly tallies: Tallies;
  readonly best: Best;
  readonly groups: readonly FailureGroup[];
  /** How many runs had each feature, and each signature. */
  readonly features: Readonly<Record<string, number>>;
  readonly signatures: Readonly<Record<string, number>>;
}

export const NEW_CAMPAIGN: CampaignState = {
  rounds: 0, runs: 0, fresh: 0, failedRuns: 0, virtualMs: 0, events: 0, bugs: 0, coverage: NO_COVERAGE,
  tallies: { lost: {}, unavailableMs: {}, failoverMs: {} }, best: NOTHING_YET, groups: [], features: {}, signatures: {},
};

export const tallyFrom = (counts: Readonly<Record<string, number>>): Map<number, number> =>
  new Map(Object.entries(counts).map(([value, count]) => [Number(value), count]));

/** What a state belongs to: it goes on with this alone. 16 hex digits. */
export const setupDigest = (setup: CampaignSetup, more: readonly string[]): string => {
  const lanes: Lanes = { lo: 1, hi: 2 };
  for (const text of [JSON.stringify(setup), ...more]) rollText(lanes, text);
  return lanesHex(lanes);
};

/** The file of one campaign, or of several: one for each scenario. */
export interface CampaignFile {
  readonly explore: number;
  readonly campaigns: readonly SavedCampaign[];
}

export interface SavedCampaign {
  readonly scenario: string;
  readonly digest: string;
  readonly state: CampaignState;
}

const CAMPAIGNS_MAX = 1000;

/** Takes what JSON.parse gave. Throws `ScenarioError` of one line that names the file. */
export const readCampaignFile = (value: unknown, origin: string): CampaignFile => {
  try {
    const fields = readObject(value, '', ['explore', 'campaigns']);
    const explore = readInteger(fields, 'explore', 0, Number.MAX_SAFE_INTEGER);
    if (explore !== CAMPAIGN_VERSION) throw new ScenarioError(`explore: is of version ${explore}, this build goes on from version ${CAMPAIGN_VERSION}`);
    const list = valueOf(fields, 'campaigns');
    if (!Array.isArray(list) || list.length > CAMPAIGNS_MAX) throw new ScenarioError(`campaigns: must be a list of at most ${CAMPAIGNS_MAX}`);
    return { explore, campaigns: list.map((item, index) => readCampaign(item, `campaigns[${index}]`)) };
  } catch (error) {
    if (error instanceof ScenarioError) throw new ScenarioError(`${origin}: ${error.message}`);
    throw error;
  }
};

const readCampaign = (value: unknown, path: string): SavedCampaign => {
  const fields = readObject(value, path, ['scenario', 'digest', 'state']);
  return { scenario: readText(fields, 'scenario'), digest: readText(fields, 'digest'), state: readState(valueOf(fields, 'state'), `${path}.state`) };
};

/** Every field is there and of the form of a new campaign's; candidates have seeds that a run takes. */
const readState = (value: unknown, path: string): CampaignState => {
  const fields = readObject(value, path, Object.keys(NEW_CAMPAIGN));
  for (const name of Object.keys(NEW_CAMPAIGN)) checkLike(valueOf(fields, name), (NEW_CAMPAIGN as unknown as Record<string, unknown>)[name], `${path}.${name}`);
  const state = fields.values as unknown as CampaignState;
  for (const [index, group] of state.groups.entries()) {
    checkLike(group, { check: '', cause: '', detail: '', count: 0, runs: [] }, `${path}.groups[${index}]`);
    for (const run of group.runs) checkCandidate(run, `${path}.groups[${index}].runs`);
  }
  for (const [objective, list] of Object.entries(state.best)) {
    for (const one of list) {
      checkCandidate(one, `${path}.best.${objective}`);
      checkLike(one, { lost: 0, unavailableMs: 0, signature: '', features: [], tried: 0 }, `${path}.best.${objective}`);
    }
  }
  return state;
};

const checkCandidate = (value: unknown, path: string): void => {
  checkLike(value, { seed: 0, traceHash: '', entries: 0 }, path);
  const { seed, plan } = value as { readonly seed: number; readonly plan?: unknown };
  if (seed < 0) throw new ScenarioError(`${path}: holds a seed below 0`);
  if (plan !== undefined && (!Array.isArray(plan) || plan.some((entry) => typeof entry !== 'object' || entry === null || typeof entry.do !== 'string'
    || typeof entry.when !== 'object' || entry.when === null))) throw new ScenarioError(`${path}: holds a plan that is none`);
};

/** Same kind of value, and for objects with fixed fields the same in these. */
const checkLike = (value: unknown, model: unknown, path: string): void => {
  if (typeof model === 'number') {
    if (!Number.isSafeInteger(value)) throw new ScenarioError(`${path}: must be a whole number`);
    return;
  }
  if (typeof model === 'string') {
    if (typeof value !== 'string') throw new ScenarioError(`${path}: must be text`);
    return;
  }
  if (Array.isArray(model)) {
    if (!Array.isArray(value)) throw new ScenarioError(`${path}: must be a list`);
    return;
  }
  readRecord(value, path);
  for (const [name, inner] of Object.entries(model as Record<string, unknown>)) {
    checkLike((value as Record<string, unknown>)[name], inner, `${path}.${name}`);
  }
};
