/**
 * A visit to one instant of a run: a world of its own that is run up to there, asked, and thrown away. That the visitor's
 * client disturbs that world does not matter: nobody goes on with it.
 *
 * Always holds: up to the instant it is the run that `runScenario` makes of the same scenario and seed, event by event.
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

/** A world right behind everything that happens at `atMicros`. `sink` sees what led there. */
export const visit = (scenario: ResolvedScenario, seed: number, atMicros: number, sink: TraceSink | null = null): World => {
  const world = new World(scenario, seed, NO_ENGINE_BUGS, sink);
  const { kernel } = world;
  world.start();
  const settledFrom = scenario.durationMs * MICROS_PER_MS;
  kernel.runUntil(micros(Math.min(atMicros, settledFrom)));
  if (atMicros < settledFrom) return world;
  world.plan.settle();
  kernel.runUntil(micros(Math.min(atMicros, settledFrom + scenario.settlingMs * MICROS_PER_MS)));
  return world;
};

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
