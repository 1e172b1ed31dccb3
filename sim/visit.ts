/**
 * A visit to instants of a run: a world of its own that is run up to there and looked at. Whoever asks it something is a client more in
 * that world, which is then thrown away: nobody goes on with a world that was disturbed.
 *
 * Always holds: until it is asked it is the run that `runScenario` makes of the same scenario and seed, event by event, however many
 * steps it took.
 */
import { ScenarioError, micros } from '../engine/index.ts';
import { CONSOLE_TIMEOUT_MS, type ConsoleAnswers, consoleProgram, newConsoleAnswers } from './client/console.ts';
import { NO_ENGINE_BUGS } from './node/serverProgram.ts';
import type { ResolvedScenario } from './scenario.ts';
import { passwordOf } from './topology/topology.ts';
import type { TraceSink } from './trace/traceEvent.ts';
import { World } from './world.ts';

const MICROS_PER_MS = 1000;
const STEP_MS = 1;

/** A world on its way through a run. It goes on only; who wants to go back begins another one. */
export class Visit {
  readonly world: World;
  private readonly settledFrom: number;
  /** The end of settling, virtual microseconds: it goes no further. */
  readonly end: number;
  private hasSettled = false;

  /** `sink` sees the records from the first one on. */
  constructor(scenario: ResolvedScenario, seed: number, sink: TraceSink | null = null) {
    this.world = new World(scenario, seed, NO_ENGINE_BUGS, sink);
    this.settledFrom = scenario.durationMs * MICROS_PER_MS;
    this.end = this.settledFrom + scenario.settlingMs * MICROS_PER_MS;
    this.world.start();
  }

  /** Virtual microseconds: everything at and before it has happened. */
  get at(): number {
    return this.world.kernel.now;
  }

  /** Goes on until right behind everything that happens at `atMicros`, or to the end of settling; never back. */
  advance(atMicros: number): void {
    const { kernel, plan } = this.world;
    const until = Math.min(atMicros, this.end);
    if (until < this.at) return;
    if (!this.hasSettled) {
      kernel.runUntil(micros(Math.min(until, this.settledFrom)));
      if (until < this.settledFrom) return;
      plan.settle();
      this.hasSettled = true;
    }
    kernel.runUntil(micros(until));
  }

  /** The records from here on; null stops that. */
  attach(sink: TraceSink | null): void {
    this.world.kernel.attach(sink);
  }
}

/**
 * Asks a process of a visited world, as a client beside it would. What it does not answer within `CONSOLE_TIMEOUT_MS` of virtual
 * time (it is dead, paused, or busy) it does not answer. Throws `ScenarioError` for an unknown name.
 */
export const ask = (world: World, name: string, commands: readonly (readonly string[])[]): ConsoleAnswers => {
  const { topology } = world.scenario;
  const spec = topology.processes.find((process) => process.name === name);
  const machine = topology.machines.find((one) => one.name === spec?.machine);
  const view = [...world.views, ...world.sentinels].find((one) => one.name === name);
  if (spec === undefined || machine === undefined || view === undefined) {
    throw new ScenarioError(`no server is called '${name}'`);
  }
  const answers = newConsoleAnswers();
  const server = { host: view.process.machine.address, port: spec.port };
  const { kernel } = world;
  world.addClientProcess('console', machine.zone, consoleProgram(server, passwordOf(spec) ?? undefined, commands, answers)).start();
  const until = kernel.now + 2 * CONSOLE_TIMEOUT_MS * MICROS_PER_MS;
  while (!answers.isDone && kernel.now < until) kernel.runUntil(micros(kernel.now + STEP_MS * MICROS_PER_MS));
  answers.failure ??= answers.isDone ? null : 'no answer in time';
  return answers;
};
